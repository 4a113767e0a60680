;; A call that takes 1 GiB, then calls that take nothing.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))

  ;; Allocates 1 GiB and writes to both ends. Fails with code 1 when it is refused.
  (func (export "allocate") (result i32)
    (call $take (i64.const 0x3fff_ffff)))

  ;; The same, and writes to each page of 4 KiB.
  (func (export "fill") (result i32)
    (call $take (i64.const 0x1000)))

  (func (export "nothing") (result i32) (i32.const 0))

  (func $take (param $step i64) (result i32)
    (local $block i64)
    (local $i i64)
    (local.set $block (call $alloc (i64.const 0x4000_0000)))
    (if (i64.eqz (local.get $block)) (then (return (i32.const 1))))
    (loop $next
      (call $store_u8 (i64.add (local.get $block) (local.get $i)) (i32.const 1))
      (local.set $i (i64.add (local.get $i) (local.get $step)))
      (br_if $next (i64.lt_u (local.get $i) (i64.const 0x4000_0000))))
    (i32.const 0)))
