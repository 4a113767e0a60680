;; Asks the host to cancel this very call, then runs for ever: the call ends as cancelled.
(module
  (import "extism:host/user" "host_cancel" (func $host_cancel))

  (func (export "cancel_me") (result i32)
    (call $host_cancel)
    (loop $next (br $next))
    (i32.const 0))

  ;; The next call is not cancelled.
  (func (export "run") (result i32) (i32.const 0)))
