;; Leaves by `proc_exit`: code 0 is a success, with the output that was set before; any other code
;; is an error that carries it.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory (export "memory") 1)

  ;; Answers "x" and exits with 0.
  (func (export "exit_0") (result i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.const 0x78))
    (call $output_set (local.get $block) (i64.const 1))
    (call $proc_exit (i32.const 0))
    (unreachable))

  (func (export "exit_1") (result i32) (call $proc_exit (i32.const 1)) (unreachable))
  (func (export "exit_3") (result i32) (call $proc_exit (i32.const 3)) (unreachable))
  (func (export "exit_125") (result i32) (call $proc_exit (i32.const 125)) (unreachable))
  (func (export "fine") (result i32) (i32.const 0)))
