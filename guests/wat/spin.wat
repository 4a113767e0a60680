;; Runs for ever, for deadlines and fuel.
(module
  (global $n (mut i64) (i64.const 0))
  (func (export "spin") (result i32)
    (loop $next
      (global.set $n (i64.add (global.get $n) (i64.const 1)))
      (br $next))
    (i32.const 0))

  ;; A little work: some thousand instructions.
  (func (export "work") (result i32)
    (local $left i32)
    (local.set $left (i32.const 1000))
    (loop $next
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.const 0)))
