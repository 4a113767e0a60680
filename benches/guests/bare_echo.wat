;; For the bare engine: the host writes the input to this memory and reads the output from it. Answers with where the
;; output is: the offset in the upper half, the length in the lower.
(module
  (memory (export "memory") 17)
  (func (export "echo") (param $offset i32) (param $length i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $offset)) (i64.const 32))
      (i64.extend_i32_u (local.get $length)))))
