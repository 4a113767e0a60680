;; Tables take memory too: they count against the limit. Needs a limit.
(module
  (table $t 1 funcref)

  ;; Grows by a million entries at a time and copes with a refusal. Fails with 1 when it got more
  ;; than 100 million entries (some 800 MB).
  (func (export "grow_and_cope") (result i32)
    (block $refused
      (loop $next
        (br_if $refused
          (i32.eq (table.grow $t (ref.null func) (i32.const 1000000)) (i32.const -1)))
        (br_if $next (i32.le_u (table.size $t) (i32.const 100000000)))))
    (i32.gt_u (table.size $t) (i32.const 100000000)))

  ;; Asks for all at once: refused. Fails with 1 when it was not.
  (func (export "grow_at_once") (result i32)
    (i32.ne (table.grow $t (ref.null func) (i32.const -2)) (i32.const -1))))
