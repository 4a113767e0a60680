;; Stands for a host on the command line: `--link extism:host/user=host.wat`.
;; Its `kv_read` takes the key as a block of kernel memory, and returns the value as another one: always "Good day".
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (func (export "kv_read") (param $key i64) (result i64)
    (local $value i64)
    (local.set $value (call $alloc (i64.const 8)))
    (call $store (local.get $value) (i64.const 0x79616420646f6f47)) ;; the letters, last one first
    (local.get $value)))
