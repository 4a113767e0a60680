;; Hazard 4: allocations of nearly 2^64 bytes.
;; Other hosts add a header's size, wrap, and return a small offset with a huge length; handing that
;; to a host function or to `error_set` crashes the host. Here `alloc` returns 0.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "host_echo" (func $host_echo (param i64) (result i64)))

  ;; Tries 2^64 - 1 down to 2^64 - 4096. Returns how many were not refused.
  (func (export "try_all") (result i32)
    (local $size i64) (local $accepted i32)
    (loop $next
      (local.set $size (i64.sub (local.get $size) (i64.const 1)))
      (if (i64.ne (call $alloc (local.get $size)) (i64.const 0))
        (then (local.set $accepted (i32.add (local.get $accepted) (i32.const 1)))))
      (br_if $next (i64.gt_u (local.get $size) (i64.const -4096))))
    (local.get $accepted))

  ;; Fails with code 2 and whatever message such a block gives: none.
  (func (export "as_error") (result i32)
    (call $error_set (call $alloc (i64.const -16)))
    (i32.const 2))

  ;; Hands it to a host function, which reads nothing: no output.
  (func (export "to_host_function") (result i32)
    (local $answer i64)
    (local.set $answer (call $host_echo (call $alloc (i64.const -16))))
    (call $output_set (local.get $answer) (call $length (local.get $answer)))
    (i32.const 0)))
