;; Hazard 19: a host function's error as a value that the guest can handle.
;; Elsewhere it is always a trap. Here a host function may be declared fallible: when it fails it
;; returns 0 to the guest, and `host_error_take` gives the message, once.
(module
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "host_fail" (func $host_fail (result i64)))
  (import "extism:host/user" "host_try_fail" (func $host_try_fail (result i64)))
  (import "extism:host/user" "host_echo" (func $host_echo (param i64) (result i64)))
  (import "plugwright:host/env" "host_error_take" (func $host_error_take (result i64)))

  (func $output (param $block i64)
    (call $output_set (local.get $block) (call $length (local.get $block))))

  ;; Answers with the message of a fallible host function.
  (func (export "handle") (result i32)
    (if (i64.ne (call $host_try_fail) (i64.const 0)) (then (return (i32.const 1))))
    (call $output (call $host_error_take))
    (i32.const 0))

  ;; Taking the message clears it. Returns 0 when the second one is none.
  (func (export "take_twice") (result i32)
    (drop (call $host_try_fail))
    (drop (call $host_error_take))
    (i64.ne (call $host_error_take) (i64.const 0)))

  ;; Without an error there is no message. A message of an earlier call does not count.
  (func (export "take_none") (result i32)
    (i64.ne (call $host_error_take) (i64.const 0)))

  ;; Two errors: the message is the last one's, once.
  (func (export "fail_twice") (result i32)
    (drop (call $host_try_fail))
    (drop (call $host_try_fail))
    (if (i64.eqz (call $host_error_take)) (then (return (i32.const 1))))
    (i64.ne (call $host_error_take) (i64.const 0)))

  ;; Leaves the message where it is: nothing happens, the call succeeds.
  (func (export "ignore") (result i32)
    (drop (call $host_try_fail))
    (i32.const 0))

  ;; A host function that is not fallible ends the call.
  (func (export "not_fallible") (result i32)
    (drop (call $host_fail))
    (i32.const 0)))
