;; Goes on for ever, or as good as, in the ways that code can. Only a deadline ends these calls.
(module
  (memory (export "memory") 4)
  (table $table 64 funcref)
  (table $large 100000 funcref)
  (type $plain (func))
  (elem (table $table) (i32.const 0) func $descend_indirectly)
  (global $count (mut i64) (i64.const 0))

  (func (export "loop") (loop $again (br $again)))
  (func (export "loop_if") (loop $again (br_if $again (i32.const 1))))
  (func (export "loop_table") (loop $again (br_table $again $again (i32.const 0))))
  ;; An inner loop that ends, without end.
  (func (export "nested") (local $left i32)
    (loop $outer
      (local.set $left (i32.const 10))
      (loop $inner
        (br_if $inner (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (br $outer)))

  ;; No loops: 2^60 calls, never deeper than 60.
  (func $double (param $depth i32)
    (if (local.get $depth) (then
      (call $double (i32.sub (local.get $depth) (i32.const 1)))
      (call $double (i32.sub (local.get $depth) (i32.const 1))))))
  (func (export "recursion") (call $double (i32.const 60)))

  ;; The same by a table.
  (global $depth (mut i32) (i32.const 60))
  (func $descend_indirectly (type $plain)
    (if (global.get $depth) (then
      (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
      (call_indirect $table (type $plain) (i32.const 0))
      (call_indirect $table (type $plain) (i32.const 0))
      (global.set $depth (i32.add (global.get $depth) (i32.const 1))))))
  (func (export "recursion_by_table") (call $descend_indirectly))

  ;; Each turn is long.
  (func (export "fill")
    (drop (memory.grow (i32.const 1000)))
    (loop $again
      (memory.fill (i32.const 0) (i32.const 1) (i32.mul (memory.size) (i32.const 65536)))
      (br $again)))
  (func (export "copy")
    (drop (memory.grow (i32.const 1000)))
    (loop $again
      (memory.copy (i32.const 65536) (i32.const 0) (i32.mul (i32.sub (memory.size) (i32.const 1)) (i32.const 65536)))
      (br $again)))
  (func (export "fill_table")
    (loop $again
      (table.fill $large (i32.const 0) (ref.null func) (table.size $large))
      (br $again)))

  (func (export "fine") (result i32) (i32.const 0)))
