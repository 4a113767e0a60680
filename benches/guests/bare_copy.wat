;; For the bare engine: copies the input from the memory shared with the host to its own, and from there to the output in
;; the shared one.
(module
  (memory $own 16)
  (memory $shared (export "shared") 32)
  (func (export "echo") (param $input i32) (param $length i32) (param $output i32)
    (memory.copy $own $shared (i32.const 0) (local.get $input) (local.get $length))
    (memory.copy $shared $own (local.get $output) (i32.const 0) (local.get $length))))
