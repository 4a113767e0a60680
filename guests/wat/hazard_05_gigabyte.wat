;; Hazard 5: a call that takes a lot of memory, then calls that take none.
;; Other hosts fill everything with zeros between the two (0.6 s after 1 GiB) and keep it resident.
;; Here a call's cost does not depend on what earlier calls allocated.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))

  ;; Allocates 1 GiB and touches both ends. Fails with code 1 when it is refused.
  (func (export "allocate") (result i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 0x4000_0000)))
    (if (i64.eqz (local.get $block)) (then (return (i32.const 1))))
    (call $store_u8 (local.get $block) (i32.const 1))
    (call $store_u8 (i64.add (local.get $block) (i64.const 0x3fff_ffff)) (i32.const 1))
    (i32.const 0))

  ;; Does nothing.
  (func (export "nothing") (result i32) (i32.const 0)))
