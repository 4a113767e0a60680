;; Copies its input into its own memory, and its own memory into its output, each in one go.
;; `plugwright:host/mem` is an extension of the contract.
(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "plugwright:host/mem" "read" (func $read (param i32 i64 i64)))
  (import "plugwright:host/mem" "write" (func $write (param i64 i32 i64)))

  (memory 16) ;; 1 MiB

  (func (export "echo") (result i32)
    (local $length i64)
    (local $copy i64)
    (local.set $length (call $input_length))
    (call $read (i32.const 0) (call $input_offset) (local.get $length))
    (local.set $copy (call $alloc (local.get $length)))
    (call $write (local.get $copy) (i32.const 0) (local.get $length))
    (call $output_set (local.get $copy) (local.get $length))
    (i32.const 0)))
