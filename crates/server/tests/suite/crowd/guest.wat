;; Does what the first byte of its input asks for.
(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (memory (export "memory") 1)
  ;; What tells versions apart.
  (global (export "version") i32 (i32.const 1000))

  ;; Each byte of the input, with all bits turned over.
  (func $answer (local $length i64) (local $block i64) (local $i i64)
    (local.set $length (call $input_length))
    (local.set $block (call $alloc (local.get $length)))
    (loop $next
      (call $store
        (i64.add (local.get $block) (local.get $i))
        (i32.xor (i32.const 255) (call $load (i64.add (call $input) (local.get $i)))))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $next (i64.lt_u (local.get $i) (local.get $length))))
    (call $output (local.get $block) (local.get $length)))

  (func (export "work") (result i32) (local $wanted i32)
    (local.set $wanted (call $load (call $input)))
    ;; `f`: fails with its input for a message.
    (if (i32.eq (local.get $wanted) (i32.const 102))
      (then (call $error (call $input)) (return (i32.const 7))))
    (call $answer)
    ;; `t`: traps when it has an output already.
    (if (i32.eq (local.get $wanted) (i32.const 116)) (then unreachable))
    ;; `s`: never ends.
    (if (i32.eq (local.get $wanted) (i32.const 115)) (then (loop $next (br $next))))
    ;; `m`: takes all the memory that there is.
    (if (i32.eq (local.get $wanted) (i32.const 109))
      (then (loop $next (br_if $next (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable))
    ;; `o`: an output that is larger than allowed.
    (if (i32.eq (local.get $wanted) (i32.const 111))
      (then (call $output (call $alloc (i64.const 1000000)) (i64.const 1000000))))
    (i32.const 0)))
