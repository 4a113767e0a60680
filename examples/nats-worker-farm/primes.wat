;; Counts the primes below the number in its input, by trial division: work for a processor, as much as one likes.
(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input (param i64) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))

  (memory (export "memory") 1)
  (data (i32.const 0) "write a number of 1 to 8 digits")

  ;; The number in the input, or -1.
  (func $number (result i32)
    (local $i i64) (local $digit i32) (local $number i32)
    (if (i32.or (i64.eqz (call $input_length)) (i64.gt_u (call $input_length) (i64.const 8)))
      (then (return (i32.const -1))))
    (loop $next
      (local.set $digit (i32.sub (call $input (local.get $i)) (i32.const 48)))
      (if (i32.gt_u (local.get $digit) (i32.const 9)) (then (return (i32.const -1))))
      (local.set $number (i32.add (i32.mul (local.get $number) (i32.const 10)) (local.get $digit)))
      (br_if $next
        (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (call $input_length))))
    (local.get $number))

  (func $is_prime (param $n i32) (result i32)
    (local $divisor i32)
    (if (i32.lt_u (local.get $n) (i32.const 2)) (then (return (i32.const 0))))
    (local.set $divisor (i32.const 2))
    (loop $next
      (if (i32.gt_u (i32.mul (local.get $divisor) (local.get $divisor)) (local.get $n))
        (then (return (i32.const 1))))
      (if (i32.eqz (i32.rem_u (local.get $n) (local.get $divisor))) (then (return (i32.const 0))))
      (local.set $divisor (i32.add (local.get $divisor) (i32.const 1)))
      (br $next))
    (unreachable))

  ;; Says the number in ten digits at most, and a line break.
  (func $say (param $number i32)
    (local $block i64) (local $i i64)
    (local.set $block (call $alloc (i64.const 11)))
    (local.set $i (i64.add (local.get $block) (i64.const 10)))
    (call $store (local.get $i) (i32.const 10))
    (loop $next
      (local.set $i (i64.sub (local.get $i) (i64.const 1)))
      (call $store (local.get $i) (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
      (br_if $next (local.tee $number (i32.div_u (local.get $number) (i32.const 10)))))
    (call $output (local.get $i) (i64.sub (i64.add (local.get $block) (i64.const 11)) (local.get $i))))

  ;; What is wrong with the input.
  (func $refuse
    (local $block i64) (local $i i32)
    (local.set $block (call $alloc (i64.const 31)))
    (loop $next
      (call $store
        (i64.add (local.get $block) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (local.get $i)))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 31))))
    (call $error (local.get $block)))

  (func (export "count") (result i32)
    (local $limit i32) (local $n i32) (local $count i32)
    (local.set $limit (call $number))
    (if (i32.lt_s (local.get $limit) (i32.const 0)) (then (call $refuse) (return (i32.const 1))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $n) (local.get $limit)))
        (local.set $count (i32.add (local.get $count) (call $is_prime (local.get $n))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $next)))
    (call $say (local.get $count))
    (i32.const 0)))
