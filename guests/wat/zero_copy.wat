;; Answers with its input without copying a byte: the output is the input's own block.
(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  (func (export "echo") (result i32)
    (call $output_set (call $input_offset) (call $input_length))
    (i32.const 0))

  ;; An entry point may have no result: that is success.
  (func (export "echo_no_result")
    (call $output_set (call $input_offset) (call $input_length)))

  ;; Part of a block is a valid output as well: the input without its first and last byte.
  (func (export "inner")
    (if (i64.ge_u (call $input_length) (i64.const 2))
      (then
        (call $output_set
          (i64.add (call $input_offset) (i64.const 1))
          (i64.sub (call $input_length) (i64.const 2)))))))
