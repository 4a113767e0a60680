;; Hazard 2: stores where other hosts keep the allocator's own data.
;; There, such a store changes the length of the output: the host reads foreign memory or crashes.
;; Here nothing that the guest can write to matters to the host: the answer is right.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  ;; Overwrites everything before the block, up to 4096 bytes, and the bytes right after it.
  (func $vandalise (param $block i64) (param $size i64) (param $value i64)
    (local $at i64)
    (local.set $at
      (select
        (i64.sub (local.get $block) (i64.const 4096))
        (i64.const 0)
        (i64.gt_u (local.get $block) (i64.const 4096))))
    (loop $next
      (call $store_u64 (local.get $at) (local.get $value))
      (local.set $at (i64.add (local.get $at) (i64.const 8)))
      (br_if $next
        (i64.le_u (i64.add (local.get $at) (i64.const 8)) (local.get $block))))
    (local.set $at (i64.add (local.get $block) (local.get $size)))
    (call $store_u64 (local.get $at) (local.get $value))
    (call $store_u64 (i64.add (local.get $at) (i64.const 8)) (local.get $value)))

  ;; Writes $value around the output's block. Answers with "okokokok", or fails with code 1 when
  ;; a length changed, or 2 when the allocator hands out a block twice afterwards.
  (func $run (param $value i64) (result i32)
    (local $block i64) (local $a i64) (local $b i64)
    (local.set $block (call $alloc (i64.const 8)))
    (call $vandalise (local.get $block) (i64.const 8) (local.get $value))
    (call $store_u64 (local.get $block) (i64.const 0x6b6f_6b6f_6b6f_6b6f))
    (call $output_set (local.get $block) (i64.const 8))
    (if (i64.ne (call $length (local.get $block)) (i64.const 8)) (then (return (i32.const 1))))
    ;; The allocator still works.
    (local.set $a (call $alloc (i64.const 24)))
    (call $free (local.get $a))
    (local.set $a (call $alloc (i64.const 24)))
    (local.set $b (call $alloc (i64.const 24)))
    (if (i64.eqz (local.get $a)) (then (return (i32.const 2))))
    (if (i64.eq (local.get $a) (local.get $b)) (then (return (i32.const 2))))
    (if (i64.eq (local.get $a) (local.get $block)) (then (return (i32.const 2))))
    (i32.const 0))

  (func (export "ones") (result i32) (call $run (i64.const -1)))
  (func (export "zeros") (result i32) (call $run (i64.const 0)))
  (func (export "high_bit") (result i32) (call $run (i64.const -0x8000_0000_0000_0000)))
  (func (export "small") (result i32) (call $run (i64.const 0x0000_0010_0000_0010))))
