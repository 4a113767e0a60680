(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "a page that every instance starts with")
  (func (export "nothing"))
  ;; The output is the input, where it lies.
  (func (export "echo")
    (call $output_set (call $input_offset) (call $input_length))))
