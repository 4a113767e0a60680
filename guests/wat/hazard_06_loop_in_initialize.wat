;; Hazard 6, second variant: `_initialize` never returns.
;; Other hosts run it outside the call's deadline. Here the call ends with a timeout.
(module
  (func (export "_initialize") (loop $next (br $next)))
  (func (export "run") (result i32) (i32.const 0)))
