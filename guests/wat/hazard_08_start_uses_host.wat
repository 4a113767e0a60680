;; Hazard 8: a start function that calls into the host.
;; Other hosts have not set up their state at that point and follow a null pointer.
;; Here every import works: the result is the number of the first one that did not, else 0.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "http_status_code" (func $http_status_code (result i32)))
  (import "extism:host/env" "log_info" (func $log_info (param i64)))
  (import "extism:host/env" "get_log_level" (func $get_log_level (result i32)))
  (import "extism:host/user" "host_add" (func $host_add (param i64 i64) (result i64)))

  (start $start)
  (global $failed (mut i32) (i32.const 0))

  (func $check (param $number i32) (param $holds i32)
    (if (i32.and (i32.eqz (global.get $failed)) (i32.eqz (local.get $holds)))
      (then (global.set $failed (local.get $number)))))

  ;; A block with the letter "k".
  (func $k (result i64)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.const 0x6b))
    (local.get $block))

  (func $start
    (call $check (i32.const 1) (i64.eq (call $length (call $k)) (i64.const 1)))
    (call $check (i32.const 2) (i32.eq (call $load_u8 (call $k)) (i32.const 0x6b)))
    (call $free (call $k))
    (drop (call $input_length))
    (call $error_set (i64.const 0))
    (call $output_set (i64.const 0) (i64.const 0))
    (call $check (i32.const 3) (i64.eqz (call $config_get (call $k))))
    (call $var_set (call $k) (call $k))
    (call $check (i32.const 4) (i64.eq (call $length (call $var_get (call $k))) (i64.const 1)))
    (call $check (i32.const 5) (i32.eqz (call $http_status_code)))
    (drop (call $get_log_level))
    (call $log_info (call $k))
    (call $check (i32.const 6)
      (i64.eq (call $host_add (i64.const 40) (i64.const 2)) (i64.const 42))))

  (func (export "run") (result i32) (global.get $failed)))
