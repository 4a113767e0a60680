;; Start-up that asks for the first folder that it may use. `found` returns what came of it: 8 is "no such descriptor".
(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $found (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $found (call $fd_prestat_get (i32.const 3) (i32.const 0))))
  (func (export "found") (result i32) (global.get $found)))
