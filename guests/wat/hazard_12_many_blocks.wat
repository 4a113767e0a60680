;; Hazard 12: many live blocks.
;; Elsewhere `length` and `free` walk every block, so N blocks cost N squared.
;; Here they take the same time whatever lives: the calls below end well within any usual deadline.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/user" "host_echo" (func $host_echo (param i64) (result i64)))

  ;; The blocks' offsets: room for 200 000 of them.
  (memory 25)
  (global $count i32 (i32.const 200000))

  ;; Allocates 200 000 blocks of 16 bytes. Returns 1 when one is refused.
  (func $fill (result i32)
    (local $i i32) (local $block i64)
    (loop $next
      (local.set $block (call $alloc (i64.const 16)))
      (if (i64.eqz (local.get $block)) (then (return (i32.const 1))))
      (i64.store (i32.mul (local.get $i) (i32.const 8)) (local.get $block))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (global.get $count))))
    (i32.const 0))

  (func $block (param $i i32) (result i64)
    (i64.load (i32.mul (local.get $i) (i32.const 8))))

  ;; Asks for every length, then frees every second block from the front and the others from the back.
  ;; Fails with 1 when memory is refused, 2 when a length is wrong, 3 when a freed block still has one.
  (func (export "length_and_free") (result i32)
    (local $i i32)
    (if (call $fill) (then (return (i32.const 1))))
    (loop $next
      (if (i64.ne (call $length (call $block (local.get $i))) (i64.const 16))
        (then (return (i32.const 2))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (global.get $count))))
    (local.set $i (i32.const 0))
    (loop $next
      (call $free (call $block (local.get $i)))
      (if (i64.ne (call $length (call $block (local.get $i))) (i64.const 0))
        (then (return (i32.const 3))))
      (local.set $i (i32.add (local.get $i) (i32.const 2)))
      (br_if $next (i32.lt_u (local.get $i) (global.get $count))))
    (local.set $i (i32.sub (global.get $count) (i32.const 1)))
    (loop $next
      (call $free (call $block (local.get $i)))
      (local.set $i (i32.sub (local.get $i) (i32.const 2)))
      (br_if $next (i32.gt_s (local.get $i) (i32.const 0))))
    (i32.const 0))

  ;; The same blocks, then 2000 host calls that each read a block and return a new one.
  ;; Fails with 1 when memory is refused, 2 when an answer has the wrong length.
  (func (export "host_calls") (result i32)
    (local $i i32)
    (if (call $fill) (then (return (i32.const 1))))
    (loop $next
      (if (i64.ne
            (call $length (call $host_echo (call $block (local.get $i))))
            (i64.const 16))
        (then (return (i32.const 2))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 2000))))
    (i32.const 0)))
