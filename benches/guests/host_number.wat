;; Calls a host function `(i64) -> i64` as often as its input says (8 bytes, little-endian), each time with the last
;; result, from 0. Answers with the last result.
(module
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "number" (func $number (param i64) (result i64)))

  (func (export "run") (result i32)
    (local $left i64)
    (local $value i64)
    (local $answer i64)
    (local.set $left (call $input_load_u64 (i64.const 0)))
    (loop $next
      (local.set $value (call $number (local.get $value)))
      (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $next (i64.ne (local.get $left) (i64.const 0))))
    (local.set $answer (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $answer) (local.get $value))
    (call $output_set (local.get $answer) (i64.const 8))
    (i32.const 0)))
