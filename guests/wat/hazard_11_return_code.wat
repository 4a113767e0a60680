;; Hazard 11: the same non-zero return code must be an error by every way of calling.
;; Elsewhere it is an error by one path and a success by another.
(module
  (func (export "zero") (result i32) (i32.const 0))
  (func (export "one") (result i32) (i32.const 1))
  (func (export "two_hundred") (result i32) (i32.const 200))
  (func (export "smallest") (result i32) (i32.const 0x8000_0000))
  (func (export "none")))
