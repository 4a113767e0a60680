;; Hazard 9: a module that starts with 20 pages (1.25 MiB), under a smaller limit.
;; Other hosts do not count initial pages, or refuse the module only at its first call.
;; Here loading it is an error that names the limit.
(module
  (memory 20)
  (func (export "run") (result i32) (i32.const 0)))
