;; A function of the host program, declared with another type: an error when it is loaded.
(module
  (import "extism:host/user" "host_add" (func (param i32 i32) (result i32)))
  (func (export "run") (result i32) (i32.const 0)))
