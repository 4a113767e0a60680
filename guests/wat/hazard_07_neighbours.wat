;; Hazard 7: stopping one plug-in must not stop others that share its compiled code.
;; Other hosts advance one epoch for all of them. Cancel or time out a plug-in that runs `spin`
;; while another one runs `work`: `work` must answer.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))

  ;; Never returns.
  (func (export "spin") (result i32)
    (loop $next (br $next))
    (i32.const 0))

  ;; Counts down from the number in the input (8 bytes, little-endian), then answers with the
  ;; 8 bytes of the number that is left: zeros.
  (func (export "work") (result i32)
    (local $left i64) (local $answer i64)
    (local.set $left (call $input_load_u64 (i64.const 0)))
    (block $done
      (loop $next
        (br_if $done (i64.eqz (local.get $left)))
        (local.set $left (i64.sub (local.get $left) (i64.const 1)))
        (br $next)))
    (local.set $answer (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $answer) (local.get $left))
    (call $output_set (local.get $answer) (i64.const 8))
    (i32.const 0)))
