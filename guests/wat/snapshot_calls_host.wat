;; Start-up that logs.
(module
  (import "extism:host/env" "log_info" (func $log_info (param i64)))
  (memory (export "memory") 1)
  (func (export "_initialize") (call $log_info (i64.const 0)))
  (func (export "run")))
