;; A library for other modules of the same plug-in; see `linked_main.wat`.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))

  ;; A new block with the text at $text, its letters a to z in upper case.
  (func (export "upper") (param $text i64) (result i64)
    (local $size i64) (local $answer i64) (local $i i64) (local $byte i32)
    (local.set $size (call $length (local.get $text)))
    (local.set $answer (call $alloc (local.get $size)))
    (block $done
      (loop $next
        (br_if $done (i64.ge_u (local.get $i) (local.get $size)))
        (local.set $byte (call $load_u8 (i64.add (local.get $text) (local.get $i))))
        (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x61)) (i32.const 26))
          (then (local.set $byte (i32.sub (local.get $byte) (i32.const 0x20)))))
        (call $store_u8 (i64.add (local.get $answer) (local.get $i)) (local.get $byte))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $next)))
    (local.get $answer)))
