;; Hazard 6, third variant: `__wasm_call_ctors` never returns.
;; Other hosts run it outside the call's deadline. Here the call ends with a timeout.
(module
  (func (export "__wasm_call_ctors") (loop $next (br $next)))
  (func (export "run") (result i32) (i32.const 0)))
