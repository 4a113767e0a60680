;; Starts with 4 GiB of memory: under any limit, loading it is an error that names the limit.
(module
  (memory 65536)
  (func (export "run") (result i32) (i32.const 0)))
