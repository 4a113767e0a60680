;; Hazard 14: a call that logs without end.
;; Other hosts write all of it. Here a call's messages have a limit in bytes (1 MiB unless the host
;; says otherwise); what does not fit is dropped, and one last line says how many bytes that was.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "log_warn" (func $log_warn (param i64)))

  (func $flood (param $messages i32) (param $size i64)
    (loop $next
      (call $log_warn (call $alloc (local.get $size)))
      (local.set $messages (i32.sub (local.get $messages) (i32.const 1)))
      (br_if $next (local.get $messages))))

  ;; 2000 messages of 1 MiB: the first fills the default limit.
  (func (export "big") (result i32)
    (call $flood (i32.const 2000) (i64.const 0x10_0000))
    (i32.const 0))

  ;; 100 messages of 100 bytes.
  (func (export "small") (result i32)
    (call $flood (i32.const 100) (i64.const 100))
    (i32.const 0)))
