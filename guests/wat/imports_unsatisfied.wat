;; Imports that nothing satisfies. Loading it is an error that lists all of them with their types,
;; before any guest code runs (the start function would trap).
(module
  (import "extism:host/user" "no_such_function" (func (param i64 i32) (result f64)))
  (import "env" "neither_this" (func))
  (import "some:module/name" "nor_this" (func (result i64)))
  (import "extism:host/env" "no_such_import" (func (param i64)))
  (func $start (unreachable))
  (start $start)
  (func (export "run") (result i32) (i32.const 0)))
