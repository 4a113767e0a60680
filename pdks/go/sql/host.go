//go:build wasip1 || tinygo.wasm

package sql

//go:wasmimport extism:host/user sql_query
func sqlQuery(statement, params uint64) uint64

//go:wasmimport extism:host/user sql_execute
func sqlExecute(statement, params uint64) uint64

//go:wasmimport extism:host/user sql_begin
func sqlBegin() uint64

//go:wasmimport extism:host/user sql_commit
func sqlCommit() uint64

//go:wasmimport extism:host/user sql_rollback
func sqlRollback() uint64
