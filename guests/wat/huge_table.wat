;; Starts with a table of ten million entries (80 MB): under a small limit, loading it is an error.
(module
  (table 10000000 funcref)
  (func (export "run") (result i32) (i32.const 0)))
