;; Calls the functions of messaging as its input says, and returns their replies.
;; Input: three 32-bit lengths (subject, payload, third), then those bytes. For a request the third is the timeout in
;; milliseconds, and has no bytes.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input (param i64) (result i32)))
  (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/user" "messaging_publish" (func $publish (param i64 i64 i64) (result i64)))
  (import "extism:host/user" "messaging_request" (func $request (param i64 i64 i64) (result i64)))

  (func $byte (param $at i64) (param $shift i64) (result i64)
    (i64.shl (i64.extend_i32_u (call $input (local.get $at))) (local.get $shift)))

  (func $u32 (param $at i64) (result i64)
    (i64.or
      (i64.or
        (call $byte (local.get $at) (i64.const 0))
        (call $byte (i64.add (local.get $at) (i64.const 1)) (i64.const 8)))
      (i64.or
        (call $byte (i64.add (local.get $at) (i64.const 2)) (i64.const 16))
        (call $byte (i64.add (local.get $at) (i64.const 3)) (i64.const 24)))))

  ;; A block with a part of the input; the null block for none.
  (func $block (param $from i64) (param $len i64) (result i64)
    (local $block i64) (local $at i64)
    (if (i64.eqz (local.get $len)) (then (return (i64.const 0))))
    (local.set $block (call $alloc (local.get $len)))
    (loop $next
      (call $store (i64.add (local.get $block) (local.get $at)) (call $input (i64.add (local.get $from) (local.get $at))))
      (local.set $at (i64.add (local.get $at) (i64.const 1)))
      (br_if $next (i64.lt_u (local.get $at) (local.get $len))))
    (local.get $block))

  (func $subject (result i64) (call $block (i64.const 12) (call $u32 (i64.const 0))))
  (func $after_subject (result i64) (i64.add (i64.const 12) (call $u32 (i64.const 0))))
  (func $payload (result i64) (call $block (call $after_subject) (call $u32 (i64.const 4))))
  (func $headers (result i64)
    (call $block (i64.add (call $after_subject) (call $u32 (i64.const 4))) (call $u32 (i64.const 8))))

  (func $return (param $reply i64) (call $output (local.get $reply) (call $length (local.get $reply))))

  (func (export "publish") (call $return (call $publish (call $subject) (call $payload) (call $headers))))
  (func (export "request")
    (call $return (call $request (call $subject) (call $payload) (call $u32 (i64.const 8)))))
  ;; Publishes the same a million times, or until it fails, and returns the last reply.
  (func (export "flood") (local $left i32) (local $reply i64)
    (local.set $left (i32.const 1000000))
    (loop $next
      (local.set $reply (call $publish (call $subject) (call $payload) (i64.const 0)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (i32.and (i32.ne (local.get $left) (i32.const 0)) (i32.eqz (call $load (local.get $reply))))))
    (call $return (local.get $reply))))
