;; A module whose start function uses the host: it logs, allocates and sets a variable.
;; It runs once on each fresh instance, before that instance's first call.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "log_info" (func $log_info (param i64)))

  (start $start)

  ;; What the start function did: 1 when its allocation worked.
  (global $allocated (mut i32) (i32.const 0))

  ;; A block with one byte.
  (func $byte (param $byte i32) (result i64)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (local.get $byte))
    (local.get $block))

  ;; The variable "n" holds a digit: how many instances have started, "0" when it is not set.
  (func $started (result i32)
    (local $value i64)
    (local.set $value (call $var_get (call $byte (i32.const 0x6e))))
    (if (i64.eqz (call $length (local.get $value))) (then (return (i32.const 0x30))))
    (call $load_u8 (local.get $value)))

  (func $start
    (global.set $allocated (i64.ne (call $alloc (i64.const 100)) (i64.const 0)))
    (call $log_info (call $byte (i32.const 0x73))) ;; "s"
    (call $var_set
      (call $byte (i32.const 0x6e))
      (call $byte (i32.add (call $started) (i32.const 1)))))

  ;; Answers with the number of instances that started so far; fails when the start function
  ;; could not allocate.
  (func (export "started") (result i32)
    (call $output_set (call $byte (call $started)) (i64.const 1))
    (i32.eqz (global.get $allocated)))

  ;; Traps: the next call gets a fresh instance, whose start function runs again.
  (func (export "trap") (result i32) (unreachable)))
