;; Passes 64 bytes of text to a host function, and reads the text that it gets, as often as its input says (8 bytes,
;; little-endian). Answers with the sum of all that it got: each length, and the texts as numbers of 8 bytes.
(module
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "text" (func $text (param i64) (result i64)))

  (func (export "run") (result i32)
    (local $left i64)
    (local $sum i64)
    (local $question i64)
    (local $answer i64)
    (local.set $left (call $input_load_u64 (i64.const 0)))
    (loop $next
      (local.set $question (call $alloc (i64.const 64)))
      (call $fill (local.get $question))
      (local.set $answer (call $text (local.get $question)))
      (local.set $sum (i64.add (local.get $sum) (call $length (local.get $answer))))
      (local.set $sum (i64.add (local.get $sum) (call $add_up (local.get $answer))))
      (call $free (local.get $answer))
      (call $free (local.get $question))
      (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $next (i64.ne (local.get $left) (i64.const 0))))
    (local.set $answer (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $answer) (local.get $sum))
    (call $output_set (local.get $answer) (i64.const 8))
    (i32.const 0))

  ;; Writes eight times "abcdefgh".
  (func $fill (param $to i64)
    (local $i i64)
    (loop $next
      (call $store_u64 (i64.add (local.get $to) (local.get $i)) (i64.const 0x6867666564636261))
      (local.set $i (i64.add (local.get $i) (i64.const 8)))
      (br_if $next (i64.lt_u (local.get $i) (i64.const 64)))))

  ;; The sum of eight numbers.
  (func $add_up (param $from i64) (result i64)
    (local $i i64)
    (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (local.get $sum) (call $load_u64 (i64.add (local.get $from) (local.get $i)))))
      (local.set $i (i64.add (local.get $i) (i64.const 8)))
      (br_if $next (i64.lt_u (local.get $i) (i64.const 64))))
    (local.get $sum)))
