;; Start-up that only computes: a start function, then `_initialize`, which fills globals of every type, grows a memory and
;; writes to its end. `check` returns 0 in an instance in which all of that happened exactly once.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory (export "memory") 1)
  (memory $other 1)
  (data (i32.const 16) "initial")
  (data $passive "passive")
  (table 1 funcref)
  (elem (i32.const 0) $seven)
  (global $runs (mut i32) (i32.const 0))
  (global $i64 (mut i64) (i64.const 0))
  (global $f32 (mut f32) (f32.const 0))
  (global $f64 (mut f64) (f64.const 0))
  (global $v128 (mut v128) (v128.const i64x2 0 0))
  (type $number (func (result i32)))
  (func $seven (result i32) (i32.const 7))

  (func $start
    (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
    (i32.store8 (i32.const 16) (i32.const 0x49))) ;; "I"
  (start $start)
  (func (export "_initialize")
    (global.set $runs (i32.add (global.get $runs) (i32.const 10)))
    (global.set $i64 (i64.const -2))
    (global.set $f32 (f32.const -0))
    (global.set $f64 (f64.const 1.5))
    (global.set $v128 (v128.const i64x2 3 4))
    (drop (memory.grow (i32.const 2)))
    (i32.store (i32.const 196604) (i32.const 5))
    (i32.store $other (i32.const 65532) (i32.const 6)))

  ;; The number of the first thing that is not as start-up left it.
  (func (export "check") (result i32)
    (if (i32.ne (global.get $runs) (i32.const 11)) (then (return (i32.const 1))))
    (if (i64.ne (global.get $i64) (i64.const -2)) (then (return (i32.const 2))))
    (if (i32.ne (i32.reinterpret_f32 (global.get $f32)) (i32.const 0x80000000)) (then (return (i32.const 3))))
    (if (f64.ne (global.get $f64) (f64.const 1.5)) (then (return (i32.const 4))))
    (if (i64.ne (i64x2.extract_lane 1 (global.get $v128)) (i64.const 4)) (then (return (i32.const 5))))
    (if (i32.ne (memory.size) (i32.const 3)) (then (return (i32.const 6))))
    (if (i32.ne (i32.load (i32.const 196604)) (i32.const 5)) (then (return (i32.const 7))))
    (if (i32.ne (i32.load $other (i32.const 65532)) (i32.const 6)) (then (return (i32.const 8))))
    (if (i64.ne (i64.load (i32.const 16)) (i64.const 0x6c616974696e49)) (then (return (i32.const 9)))) ;; "Initial"
    (if (i32.ne (call_indirect (type $number) (i32.const 0)) (i32.const 7)) (then (return (i32.const 10))))
    (memory.init $passive (i32.const 32) (i32.const 0) (i32.const 7))
    (if (i32.ne (i32.load8_u (i32.const 32)) (i32.const 0x70)) (then (return (i32.const 11))))
    (i32.const 0))

  ;; Counts its calls in memory that start-up wrote: "6", "7", ...
  (func (export "count") (result i32) (local $block i64)
    (i32.store (i32.const 196604) (i32.add (i32.load (i32.const 196604)) (i32.const 1)))
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.add (i32.const 0x30) (i32.load (i32.const 196604))))
    (call $output_set (local.get $block) (i64.const 1))
    (i32.const 0)))
