//go:build !wasip1 && !tinygo.wasm

package sql

import "github.com/plugwright/plugwright/pdks/go/contract"

// In tests the host's functions are those that the test declares.

func call(name string, values ...uint64) uint64 {
	return contract.CallHostFunction("extism:host/user", name, values...)
}

func sqlQuery(statement, params uint64) uint64 { return call("sql_query", statement, params) }

func sqlExecute(statement, params uint64) uint64 { return call("sql_execute", statement, params) }

func sqlBegin() uint64 { return call("sql_begin") }

func sqlCommit() uint64 { return call("sql_commit") }

func sqlRollback() uint64 { return call("sql_rollback") }
