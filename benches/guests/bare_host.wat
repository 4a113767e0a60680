;; For the bare engine: what host_number.wat and host_text.wat do, through this module's own memory. The host writes its
;; text where it likes, and answers with the offset in the upper half, the length in the lower.
(module
  (import "host" "number" (func $number (param i64) (result i64)))
  (import "host" "text" (func $text (param i32 i32) (result i64)))
  (memory (export "memory") 1)

  (func (export "numbers") (param $left i64) (result i64)
    (local $value i64)
    (loop $next
      (local.set $value (call $number (local.get $value)))
      (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $next (i64.ne (local.get $left) (i64.const 0))))
    (local.get $value))

  (func (export "texts") (param $left i64) (result i64)
    (local $sum i64)
    (local $answer i64)
    (loop $next
      (call $fill (i32.const 0))
      (local.set $answer (call $text (i32.const 0) (i32.const 64)))
      (local.set $sum (i64.add (local.get $sum) (i64.and (local.get $answer) (i64.const 0xffff_ffff))))
      (local.set $sum
        (i64.add
          (local.get $sum)
          (call $add_up (i32.wrap_i64 (i64.shr_u (local.get $answer) (i64.const 32))))))
      (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $next (i64.ne (local.get $left) (i64.const 0))))
    (local.get $sum))

  ;; Writes eight times "abcdefgh".
  (func $fill (param $to i32)
    (local $i i32)
    (loop $next
      (i64.store (i32.add (local.get $to) (local.get $i)) (i64.const 0x6867666564636261))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 64)))))

  ;; The sum of eight numbers.
  (func $add_up (param $from i32) (result i64)
    (local $i i32)
    (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (local.get $sum) (i64.load (i32.add (local.get $from) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 64))))
    (local.get $sum)))
