;; The main module of a plug-in of two modules: `linked_library.wat` is linked under the name "library".
;; Both see the same kernel memory.
(module
  (import "library" "upper" (func $upper (param i64) (result i64)))
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  ;; The input in capital letters.
  (func (export "shout") (result i32)
    (local $answer i64)
    (local.set $answer (call $upper (call $input_offset)))
    (call $output_set (local.get $answer) (call $length (local.get $answer)))
    (i32.const 0)))
