;; Answers with as many bytes as the number in the input says (8 bytes, little-endian): for limits on
;; the output. The bytes are not specified.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  (func (export "answer") (result i32)
    (local $size i64)
    (local.set $size (call $input_load_u64 (i64.const 0)))
    (call $output_set (call $alloc (local.get $size)) (local.get $size))
    (i32.const 0)))
