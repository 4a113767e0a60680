;; What a plug-in sees of the world through WASI: how many arguments, environment variables and
;; pre-opened folders. Each answer is one digit.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get"
    (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory (export "memory") 1)

  (func $answer (param $digit i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.add (i32.const 0x30) (local.get $digit)))
    (call $output_set (local.get $block) (i64.const 1)))

  (func (export "args") (result i32)
    (if (call $args_sizes_get (i32.const 0) (i32.const 4)) (then (return (i32.const 1))))
    (call $answer (i32.load (i32.const 0)))
    (i32.const 0))

  (func (export "environment") (result i32)
    (if (call $environ_sizes_get (i32.const 0) (i32.const 4)) (then (return (i32.const 1))))
    (call $answer (i32.load (i32.const 0)))
    (i32.const 0))

  ;; Pre-opened folders are the open files from number 3 on.
  (func (export "folders") (result i32)
    (local $fd i32)
    (local.set $fd (i32.const 3))
    (loop $next
      (if (i32.eqz (call $fd_prestat_get (local.get $fd) (i32.const 0)))
        (then
          (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
          (br $next))))
    (call $answer (i32.sub (local.get $fd) (i32.const 3)))
    (i32.const 0))

  ;; The clock goes forward and random bytes are random: 32 bytes are not all 0.
  ;; Returns the number of the check that failed, else 0.
  (func (export "check_clock_and_random") (result i32)
    (if (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 0)) (then (return (i32.const 1))))
    (if (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 8)) (then (return (i32.const 2))))
    (if (i64.lt_u (i64.load (i32.const 8)) (i64.load (i32.const 0))) (then (return (i32.const 3))))
    (if (call $random_get (i32.const 16) (i32.const 32)) (then (return (i32.const 4))))
    (if (i64.eqz
          (i64.or
            (i64.or (i64.load (i32.const 16)) (i64.load (i32.const 24)))
            (i64.or (i64.load (i32.const 32)) (i64.load (i32.const 40)))))
      (then (return (i32.const 5))))
    (i32.const 0)))
