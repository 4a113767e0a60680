;; Calls the contract's functions through a table, as compiled code does with function pointers, and
;; exports one of them. A host that replaces calls by instructions must still have the functions.
(module
  (type $alloc (func (param i64) (result i64)))
  (type $load (func (param i64) (result i32)))
  (type $store (func (param i64 i32)))
  (import "extism:host/env" "alloc" (func $alloc (type $alloc)))
  (import "extism:host/env" "load_u8" (func $load_u8 (type $load)))
  (import "extism:host/env" "store_u8" (func $store_u8 (type $store)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (table 3 funcref)
  (elem (i32.const 0) func $alloc $load_u8 $store_u8)
  (export "reexported" (func $load_u8))

  ;; Answers "T", written and checked through the table. Fails with 1 when it reads back wrongly, and
  ;; with 2 when a load far outside the memory is not 0.
  (func (export "run") (result i32)
    (local $block i64)
    (local.set $block (call_indirect (type $alloc) (i64.const 1) (i32.const 0)))
    (call_indirect (type $store) (local.get $block) (i32.const 0x54) (i32.const 2))
    (if (i32.ne (call_indirect (type $load) (local.get $block) (i32.const 1)) (i32.const 0x54))
      (then (return (i32.const 1))))
    (if (call_indirect (type $load) (i64.const -1) (i32.const 1)) (then (return (i32.const 2))))
    (call $output_set (local.get $block) (i64.const 1))
    (i32.const 0)))
