;; Copies its input to its output, eight bytes at a time and the rest byte by byte:
;; what a PDK does when it reads the input into its own memory and answers with a copy.
(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  (func (export "echo") (result i32)
    (local $length i64)
    (local $copy i64)
    (local $i i64)
    (local.set $length (call $input_length))
    (local.set $copy (call $alloc (local.get $length))) ;; 0 for an empty input

    ;; While at least eight bytes are left.
    (block $done
      (loop $next
        (br_if $done
          (i64.gt_u (i64.add (local.get $i) (i64.const 8)) (local.get $length)))
        (call $store_u64
          (i64.add (local.get $copy) (local.get $i))
          (call $input_load_u64 (local.get $i)))
        (local.set $i (i64.add (local.get $i) (i64.const 8)))
        (br $next)))

    ;; At most seven bytes are left.
    (block $done
      (loop $next
        (br_if $done (i64.ge_u (local.get $i) (local.get $length)))
        (call $store_u8
          (i64.add (local.get $copy) (local.get $i))
          (call $input_load_u8 (local.get $i)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $next)))

    (call $output_set (local.get $copy) (local.get $length))
    (i32.const 0)))
