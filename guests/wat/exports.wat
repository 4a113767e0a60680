;; Exports of every sort. Only functions of type () -> () and () -> i32 can be called.
(module
  (memory (export "a_memory") 1)
  (table (export "a_table") 1 funcref)
  (global (export "a_global") i32 (i32.const 7))
  (func (export "run") (result i32) (i32.const 0))
  (func (export "no_result"))
  (func (export "takes_one") (param i32) (result i32) (local.get 0))
  (func (export "takes_two") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "returns_i64") (result i64) (i64.const 0))
  (func (export "returns_f32") (result f32) (f32.const 0))
  (func (export "returns_two") (result i32 i32) (i32.const 0) (i32.const 0))
  ;; Odd names are names.
  (func (export "") (result i32) (i32.const 0))
  (func (export "with space") (result i32) (i32.const 0))
  (func (export "naïve 💜") (result i32) (i32.const 0))
  ;; Not a memory, though it has the name of one.
  (func (export "memory") (result i32) (i32.const 0)))
