;; Hazard 3: an overwritten block list, then an error.
;; Other hosts walk that list to find the message's length, for ever, after their timer has stopped.
;; Here the call ends at once with code 1 and the message "stop".
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))

  ;; Fills the first 64 KiB of the kernel memory with $value, then writes the message and fails.
  (func $run (param $value i64) (result i32)
    (local $block i64) (local $at i64)
    (local.set $block (call $alloc (i64.const 4)))
    (loop $next
      (call $store_u64 (local.get $at) (local.get $value))
      (local.set $at (i64.add (local.get $at) (i64.const 8)))
      (br_if $next (i64.lt_u (local.get $at) (i64.const 0x1_0000))))
    (call $store_u8 (local.get $block) (i32.const 0x73))
    (call $store_u8 (i64.add (local.get $block) (i64.const 1)) (i32.const 0x74))
    (call $store_u8 (i64.add (local.get $block) (i64.const 2)) (i32.const 0x6f))
    (call $store_u8 (i64.add (local.get $block) (i64.const 3)) (i32.const 0x70))
    (call $error_set (local.get $block))
    (i32.const 1))

  ;; Block sizes of zero make a walk stand still.
  (func (export "zero_sizes") (result i32) (call $run (i64.const 0)))
  ;; Huge ones make it leave the memory.
  (func (export "huge_sizes") (result i32) (call $run (i64.const -1)))
  ;; Negative ones make it go back.
  (func (export "negative_sizes") (result i32) (call $run (i64.const -16))))
