;; Imports that the host has, declared with another type: an error when it is loaded.
(module
  (import "extism:host/env" "alloc" (func (param i32) (result i32)))
  (import "extism:host/env" "length" (func (param i64)))
  (func (export "run") (result i32) (i32.const 0)))
