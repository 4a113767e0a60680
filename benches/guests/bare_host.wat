;; For the bare engine: what host_number.wat and host_text.wat do, through this module's own memory. As is customary, the
;; module has the allocator: the host asks it for room, writes its text there, and answers with the offset in the upper half,
;; the length in the lower.
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
    (local $question i32)
    (local $answer i64)
    (loop $next
      (local.set $question (call $alloc (i32.const 64)))
      (call $fill (local.get $question))
      (local.set $answer (call $text (local.get $question) (i32.const 64)))
      (local.set $sum (i64.add (local.get $sum) (i64.and (local.get $answer) (i64.const 0xffff_ffff))))
      (local.set $sum
        (i64.add
          (local.get $sum)
          (call $add_up (i32.wrap_i64 (i64.shr_u (local.get $answer) (i64.const 32))))))
      (call $free (i32.wrap_i64 (i64.shr_u (local.get $answer) (i64.const 32))))
      (call $free (local.get $question))
      (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $next (i64.ne (local.get $left) (i64.const 0))))
    (local.get $sum))

  ;; The simplest allocator: blocks of 64 bytes, and a list of those that are free.
  (global $free_list (mut i32) (i32.const 0))
  (global $top (mut i32) (i32.const 64))
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (local $block i32)
    (if (i32.gt_u (local.get $size) (i32.const 64)) (then unreachable))
    (local.set $block (global.get $free_list))
    (if (result i32) (local.get $block)
      (then
        (global.set $free_list (i32.load (local.get $block)))
        (local.get $block))
      (else
        (local.set $block (global.get $top))
        (global.set $top (i32.add (local.get $block) (i32.const 64)))
        (local.get $block))))
  (func $free (param $block i32)
    (i32.store (local.get $block) (global.get $free_list))
    (global.set $free_list (local.get $block)))

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
