;; `_initialize` takes all the kernel memory that the limit allows and gives nothing back.
;; Use it with a limit. The first call starts all the same, and gets memory again by `reset`.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "reset" (func $reset))
  (func (export "_initialize")
    (loop $next
      (br_if $next (i64.ne (call $alloc (i64.const 0x1_0000)) (i64.const 0)))))

  ;; 0 when memory can be had again after a reset.
  (func (export "run") (result i32)
    (call $reset)
    (i64.eqz (call $alloc (i64.const 1000)))))
