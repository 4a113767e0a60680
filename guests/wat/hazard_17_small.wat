;; Hazard 17: a plug-in that needs kilobytes. Elsewhere some 16 000 live ones exhaust the address
;; space, and creating and freeing them in a loop grows the process.
(module
  (memory 1 2)
  (func (export "run") (result i32) (i32.const 0)))
