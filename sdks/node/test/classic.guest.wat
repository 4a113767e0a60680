;; Calls host functions for the tests of the classic surface.
(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/user" "text" (func $text (param i64) (result i64)))
  (import "env" "numbers" (func $numbers (param i32 i64 f32 f64) (result f64)))
  (import "extism:host/user" "two" (func $two (result i32 i64)))

  ;; The host's block for the input's block.
  (func (export "through_text") (result i32)
    (local $answer i64)
    (local.set $answer (call $text (call $input_offset)))
    (call $output_set (local.get $answer) (call $length (local.get $answer)))
    (i32.const 0))

  ;; The input, whatever the host has made of it meanwhile.
  (func (export "changed_in_place") (result i32)
    (drop (call $text (call $input_offset)))
    (call $output_set (call $input_offset) (call $input_length))
    (i32.const 0))

  ;; Points into the middle of the input's block, where no block begins.
  (func (export "interior") (result i32)
    (drop (call $text (i64.add (call $input_offset) (i64.const 1))))
    (i32.const 0))

  ;; 0 if the host says 2.5 for some numbers; else 1.
  (func (export "through_numbers") (result i32)
    (f64.ne (call $numbers (i32.const -1) (i64.const 0x7fffffffffffffff) (f32.const 0.5) (f64.const -0.25)) (f64.const 2.5)))

  ;; 0 if the host says -7 and 2 to the 63rd; else 1.
  (func (export "through_two") (result i32)
    (local $wide i64)
    (local $narrow i32)
    (call $two)
    (local.set $wide)
    (local.set $narrow)
    (i32.or
      (i32.ne (local.get $narrow) (i32.const -7))
      (i64.ne (local.get $wide) (i64.const 0x8000000000000000))))

  ;; The value that the config has under the one letter "k".
  (func (export "config") (result i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.const 107))
    (local.set $block (call $config_get (local.get $block)))
    (call $output_set (local.get $block) (call $length (local.get $block)))
    (i32.const 0))

  (func (export "spin") (loop $for_ever (br $for_ever)))

  (func (export "fails") (result i32) (i32.const 3)))
