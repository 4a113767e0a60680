;; What a hostile tenant does beside others.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "loop") (result i32) (loop $next (br $next)) (i32.const 0))
  (func (export "bomb") (result i32)
    (loop $next (br_if $next (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    (unreachable))
  (func (export "trap") (result i32) (unreachable))
  (func (export "flood") (result i32)
    (call $output (call $alloc (i64.const 200000000)) (i64.const 200000000))
    (i32.const 0)))
