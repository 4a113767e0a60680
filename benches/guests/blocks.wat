;; Does much with blocks of 64 bytes while many are live. The input is three numbers (8 bytes each, little-endian): how many
;; blocks live, how many operations of each kind, and how far apart the blocks are that these operate on.
;; Tells the host when each kind begins and ends. Answers with the sum of the lengths that it was told.
(module
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "mark" (func $mark))

  ;; The offsets of the blocks, 8 bytes each: at most 20 000.
  (memory 3)

  (func (export "run") (result i32)
    (local $live i64)
    (local $operations i64)
    (local $stride i64)
    (local $sum i64)
    (local $answer i64)
    (local.set $live (call $input_load_u64 (i64.const 0)))
    (local.set $operations (call $input_load_u64 (i64.const 8)))
    (local.set $stride (call $input_load_u64 (i64.const 16)))
    (call $allocate (i64.const 0) (local.get $live))

    (call $mark)
    (call $allocate (local.get $live) (local.get $operations))
    (call $mark)
    (local.set $sum (call $add_up_lengths (local.get $operations) (local.get $stride)))
    (call $mark)
    (call $free_some (local.get $operations) (local.get $stride))
    (call $mark)

    (local.set $answer (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $answer) (local.get $sum))
    (call $output_set (local.get $answer) (i64.const 8))
    (i32.const 0))

  ;; Where the offset of a block is kept.
  (func $slot (param $block i64) (result i32)
    (i32.wrap_i64 (i64.shl (local.get $block) (i64.const 3))))

  (func $allocate (param $first i64) (param $count i64)
    (local $i i64)
    (loop $next
      (i64.store
        (call $slot (i64.add (local.get $first) (local.get $i)))
        (call $alloc (i64.const 64)))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $next (i64.lt_u (local.get $i) (local.get $count)))))

  (func $add_up_lengths (param $count i64) (param $stride i64) (result i64)
    (local $i i64)
    (local $sum i64)
    (loop $next
      (local.set $sum
        (i64.add
          (local.get $sum)
          (call $length (i64.load (call $slot (i64.mul (local.get $i) (local.get $stride)))))))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $next (i64.lt_u (local.get $i) (local.get $count))))
    (local.get $sum))

  (func $free_some (param $count i64) (param $stride i64)
    (local $i i64)
    (loop $next
      (call $free (i64.load (call $slot (i64.mul (local.get $i) (local.get $stride)))))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $next (i64.lt_u (local.get $i) (local.get $count))))))
