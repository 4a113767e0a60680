;; What the page's tests call.
(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "log_warn" (func $log (param i64)))
  (memory (export "memory") 1)

  (func (export "echo") (result i32)
    (call $output (call $input) (call $input_length))
    (i32.const 0))

  ;; The value of the config's key that is the input. Logs a word too.
  (func (export "config") (result i32) (local $value i64) (local $word i64)
    (local.set $value (call $config_get (call $input)))
    (call $output (local.get $value) (call $length (local.get $value)))
    (local.set $word (call $alloc (i64.const 2)))
    (call $store (local.get $word) (i32.const 79))
    (call $store (i64.add (local.get $word) (i64.const 1)) (i32.const 75))
    (call $log (local.get $word))
    (i32.const 0))

  ;; Bytes that are no text.
  (func (export "bytes") (result i32) (local $block i64)
    (local.set $block (call $alloc (i64.const 40)))
    (call $store (local.get $block) (i32.const 255))
    (call $store (i64.add (local.get $block) (i64.const 1)) (i32.const 65))
    (call $output (local.get $block) (i64.const 40))
    (i32.const 0))

  ;; Fails with the input for a message.
  (func (export "complain") (result i32) (call $error (call $input)) (i32.const 7))

  (func $deep (unreachable))
  (func $deeper (call $deep))
  (func (export "crash") (result i32) (call $deeper) (i32.const 0))
  (func (export "spin") (result i32) (loop $next (br $next)) (i32.const 0)))
