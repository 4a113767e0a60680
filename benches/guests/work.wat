;; Computes for as many rounds as its input says (8 bytes, little-endian), and answers with the result: each round is a
;; step of xorshift64, from 1. `work` is the same without the contract.
(module
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  (func (export "run") (result i32)
    (local $answer i64)
    (local.set $answer (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $answer) (call $work (call $input_load_u64 (i64.const 0))))
    (call $output_set (local.get $answer) (i64.const 8))
    (i32.const 0))

  (func $work (export "work") (param $rounds i64) (result i64)
    (local $x i64)
    (local.set $x (i64.const 1))
    (loop $next
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
      (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
      (local.set $rounds (i64.sub (local.get $rounds) (i64.const 1)))
      (br_if $next (i64.ne (local.get $rounds) (i64.const 0))))
    (local.get $x)))
