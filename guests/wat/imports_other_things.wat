;; Imports a table and globals, which nothing satisfies.
(module
  (import "env" "__indirect_function_table" (table 1 funcref))
  (import "env" "__stack_pointer" (global (mut i32)))
  (import "extism:host/env" "alloc" (global i64))
  (func (export "run") (result i32) (i32.const 0)))
