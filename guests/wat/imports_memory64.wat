;; Imports a memory with 64-bit addresses, which nothing satisfies.
(module
  (import "env" "memory" (memory i64 1))
  (func (export "run") (result i32) (i32.const 0)))
