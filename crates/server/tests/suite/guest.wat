;; What the server's tests call.
(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "log_info" (func $log (param i64)))
  (import "extism:host/user" "wait" (func $wait (param i64)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"status\":418,\"headers\":{\"x-kind\":\"teapot\",\"set-cookie\":[\"a=1\",\"b=2\"]},\"body\":\"short\"}")
  (global $calls (mut i32) (i32.const 0))

  (func (export "echo") (result i32)
    (call $output (call $input) (call $input_length))
    (i32.const 0))

  ;; How many calls the instance has had, as a digit.
  (func (export "count") (result i32) (local $block i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.set $block (call $alloc (i64.const 1)))
    (call $store (local.get $block) (i32.add (i32.const 48) (global.get $calls)))
    (call $output (local.get $block) (i64.const 1))
    (i32.const 0))

  ;; The value of the config's key that is the input.
  (func (export "config") (result i32) (local $value i64)
    (local.set $value (call $config_get (call $input)))
    (call $output (local.get $value) (call $length (local.get $value)))
    (i32.const 0))

  ;; A response in JSON, for the view `request`.
  (func (export "teapot") (result i32) (local $block i64) (local $i i32)
    (local.set $block (call $alloc (i64.const 86)))
    (loop $next
      (call $store (i64.add (local.get $block) (i64.extend_i32_u (local.get $i))) (i32.load8_u (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 86))))
    (call $output (local.get $block) (i64.const 86))
    (call $wait (call $input))
    (i32.const 0))

  ;; Codes, with the input for a message.
  (func (export "code_7") (result i32) (call $error (call $input)) (i32.const 7))
  (func (export "code_404") (result i32) (call $error (call $input)) (i32.const 404))

  (func (export "spin") (result i32) (loop $next (br $next)) (i32.const 0))
  (func (export "trap") (result i32) (unreachable))
  (func (export "grow") (result i32)
    (loop $next (br_if $next (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    (unreachable))

  ;; Logs its input, then answers with it.
  (func (export "log") (result i32) (local $copy i64)
    (local.set $copy (call $alloc (i64.const 1)))
    (call $store (local.get $copy) (i32.const 33))
    (call $log (local.get $copy))
    (call $output (call $input) (call $input_length))
    (i32.const 0))

  ;; Hands its input to the host, which decides when it returns.
  (func (export "wait") (result i32)
    (call $wait (call $input))
    (call $output (call $input) (call $input_length))
    (i32.const 0)))
