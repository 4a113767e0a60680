;; Calls WASI without exporting a memory: there is nowhere to write to. The call is an error.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (func (export "random") (result i32)
    (drop (call $random_get (i32.const 0) (i32.const 8)))
    (i32.const 0))
  (func (export "fine") (result i32) (i32.const 0)))
