;; Checks the logging imports.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "log_trace" (func $log_trace (param i64)))
  (import "extism:host/env" "log_debug" (func $log_debug (param i64)))
  (import "extism:host/env" "log_info" (func $log_info (param i64)))
  (import "extism:host/env" "log_warn" (func $log_warn (param i64)))
  (import "extism:host/env" "log_error" (func $log_error (param i64)))
  (import "extism:host/env" "get_log_level" (func $get_log_level (result i32)))

  (memory 1)
  (data (i32.const 0) "a message")      ;; 9 bytes
  (data (i32.const 16) "bad \ff\fe text") ;; 11 bytes, not UTF-8
  (data (i32.const 32) "one\0atwo")       ;; 7 bytes, two lines

  ;; A block with a copy of $size bytes of this module's memory.
  (func $block (param $from i32) (param $size i32) (result i64)
    (local $block i64) (local $i i32)
    (local.set $block (call $alloc (i64.extend_i32_u (local.get $size))))
    (loop $next
      (call $store_u8
        (i64.add (local.get $block) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (i32.add (local.get $from) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $size))))
    (local.get $block))

  (func $message (result i64) (call $block (i32.const 0) (i32.const 9)))

  ;; The same message once at each level, from trace to error.
  (func (export "log_all") (result i32)
    (call $log_trace (call $message))
    (call $log_debug (call $message))
    (call $log_info (call $message))
    (call $log_warn (call $message))
    (call $log_error (call $message))
    (i32.const 0))

  ;; The host takes the message's block, also when the level is off. Returns the number of the
  ;; first level (1 trace to 5 error) at which it did not, else 0.
  (func (export "check_ownership") (result i32)
    (local $block i64)
    (local.set $block (call $message))
    (call $log_trace (local.get $block))
    (if (i64.ne (call $length (local.get $block)) (i64.const 0)) (then (return (i32.const 1))))
    (local.set $block (call $message))
    (call $log_debug (local.get $block))
    (if (i64.ne (call $length (local.get $block)) (i64.const 0)) (then (return (i32.const 2))))
    (local.set $block (call $message))
    (call $log_info (local.get $block))
    (if (i64.ne (call $length (local.get $block)) (i64.const 0)) (then (return (i32.const 3))))
    (local.set $block (call $message))
    (call $log_warn (local.get $block))
    (if (i64.ne (call $length (local.get $block)) (i64.const 0)) (then (return (i32.const 4))))
    (local.set $block (call $message))
    (call $log_error (local.get $block))
    (if (i64.ne (call $length (local.get $block)) (i64.const 0)) (then (return (i32.const 5))))
    (i32.const 0))

  ;; Answers with one character: the digit of the level, or "-" for off.
  (func (export "get_log_level") (result i32)
    (local $answer i64) (local $level i32)
    (local.set $answer (call $alloc (i64.const 1)))
    (local.set $level (call $get_log_level))
    (call $store_u8 (local.get $answer)
      (select
        (i32.const 0x2d)                                   ;; "-"
        (i32.add (i32.const 0x30) (local.get $level))      ;; "0" and so on
        (i32.eq (local.get $level) (i32.const 0x7fff_ffff))))
    (call $output_set (local.get $answer) (i64.const 1))
    (i32.const 0))

  ;; A message that is not UTF-8 is logged with replacement characters.
  (func (export "log_not_utf8") (result i32)
    (call $log_warn (call $block (i32.const 16) (i32.const 11)))
    (i32.const 0))

  ;; A message of two lines is one message.
  (func (export "log_two_lines") (result i32)
    (call $log_warn (call $block (i32.const 32) (i32.const 7)))
    (i32.const 0))

  ;; Offsets at which no block starts: the call goes on.
  (func (export "log_nothing") (result i32)
    (call $log_warn (i64.const 0))
    (call $log_warn (i64.const -1))
    (call $log_warn (i64.const -0x8000_0000_0000_0000))
    (call $log_warn (i64.const 0x7fff_ffff_ffff_fff8))
    (call $log_warn (i64.add (call $message) (i64.const 1)))
    (i32.const 0))

  ;; Logs and traps: the message was written.
  (func (export "log_and_trap") (result i32)
    (call $log_error (call $message))
    (unreachable)))
