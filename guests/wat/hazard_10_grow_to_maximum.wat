;; Hazard 10: a memory that grows exactly to the maximum that the module itself declares.
;; Other hosts report it as out of memory. Here it is a success.
(module
  (memory 1 4)

  ;; Grows from 1 to 4 pages and uses the last byte. Fails with 1 when growing was refused.
  (func (export "grow") (result i32)
    (if (i32.ne (memory.grow (i32.const 3)) (i32.const 1)) (then (return (i32.const 1))))
    (i32.store8 (i32.const 0x3ffff) (i32.const 1))
    (i32.const 0))

  ;; One page more than declared is refused, as WebAssembly says, and that is no error as long as the
  ;; module copes. Fails with 1 when growing was not refused.
  (func (export "grow_too_far") (result i32)
    (i32.ne (memory.grow (i32.const 4)) (i32.const -1)))

  ;; Fails for a reason of its own after growing to the maximum: the code is its own.
  (func (export "grow_and_fail") (result i32)
    (drop (memory.grow (i32.const 3)))
    (i32.const 12))

  ;; Traps for a reason of its own after growing to the maximum: a trap, not a lack of memory.
  (func (export "grow_and_trap") (result i32)
    (drop (memory.grow (i32.const 3)))
    (unreachable)))
