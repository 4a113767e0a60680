;; A WASI reactor: `_initialize` runs once, after the start function: "si".
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  ;; One letter for each start-up function that ran, in the order in which they ran.
  (memory 1)
  (global $count (mut i32) (i32.const 0))

  (func $note (param $letter i32)
    (i32.store8 (global.get $count) (local.get $letter))
    (global.set $count (i32.add (global.get $count) (i32.const 1))))

  (func $start (call $note (i32.const 0x73))) ;; "s"
  (start $start)
  (func (export "_initialize") (call $note (i32.const 0x69))) ;; "i"

  ;; Answers with the letters.
  (func (export "order") (result i32)
    (local $answer i64) (local $i i32)
    (local.set $answer (call $alloc (i64.extend_i32_u (global.get $count))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (global.get $count)))
        (call $store_u8
          (i64.add (local.get $answer) (i64.extend_i32_u (local.get $i)))
          (i32.load8_u (local.get $i)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (call $output_set (local.get $answer) (i64.extend_i32_u (global.get $count)))
    (i32.const 0)))
