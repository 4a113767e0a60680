;; Hazard 18: a host function that takes longer than the call may.
;; Elsewhere the deadline is not looked at until it returns. Here the call ends with a timeout.
(module
  (import "extism:host/user" "host_sleep_ms" (func $host_sleep_ms (param i64)))

  ;; Waits for an hour.
  (func (export "wait") (result i32)
    (call $host_sleep_ms (i64.const 3600000))
    (i32.const 0))

  ;; Waits for no time at all.
  (func (export "pass") (result i32)
    (call $host_sleep_ms (i64.const 0))
    (i32.const 0)))
