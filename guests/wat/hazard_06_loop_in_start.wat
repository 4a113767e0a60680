;; Hazard 6, first variant: the start function never returns.
;; Other hosts run it outside the call's deadline. Here the call ends with a timeout.
(module
  (func $for_ever (loop $next (br $next)))
  (start $for_ever)
  (func (export "run") (result i32) (i32.const 0)))
