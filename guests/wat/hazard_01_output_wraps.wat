;; Hazard 1: an output range whose end wraps around, or that lies outside the kernel memory.
;; Other hosts add offset and length, build a slice beyond the memory and abort the process.
;; Here each of these calls is an error of kind Contract, and the next call works.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  ;; offset + length is 8 less than the offset.
  (func (export "wrap_by_8") (result i32)
    (call $output_set (call $alloc (i64.const 8)) (i64.const -8))
    (i32.const 0))

  ;; offset + length is 0.
  (func (export "wrap_to_zero") (result i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 8)))
    (call $output_set (local.get $block) (i64.sub (i64.const 0) (local.get $block)))
    (i32.const 0))

  (func (export "wrap_high_offset") (result i32)
    (call $output_set (i64.const -8) (i64.const 16))
    (i32.const 0))

  (func (export "wrap_halves") (result i32)
    (call $output_set (i64.const -0x8000_0000_0000_0000) (i64.const -0x8000_0000_0000_0000))
    (i32.const 0))

  (func (export "all_of_it") (result i32)
    (call $output_set (i64.const 0) (i64.const -1))
    (i32.const 0))

  ;; No wrap, but past the end of any memory.
  (func (export "past_end") (result i32)
    (call $output_set (call $alloc (i64.const 8)) (i64.const 0x1_0000_0000))
    (i32.const 0))

  ;; The range must not be cut to 32 bits: its low halves would be fine.
  (func (export "high_bits") (result i32)
    (call $output_set
      (i64.or (call $alloc (i64.const 8)) (i64.const 0x1_0000_0000))
      (i64.const 0x1_0000_0008))
    (i32.const 0))

  ;; The range is checked when it is named: a better one afterwards comes too late.
  (func (export "wrap_then_fine") (result i32)
    (call $output_set (i64.const -8) (i64.const 16))
    (call $answer)
    (i32.const 0))

  (func $answer
    (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.const 0x41))
    (call $output_set (local.get $block) (i64.const 1)))

  ;; Answers "A".
  (func (export "fine") (result i32)
    (call $answer)
    (i32.const 0)))
