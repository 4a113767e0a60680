;; Sleeps in `poll_oneoff` for an hour: the call ends at its deadline.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  ;; One subscription of 48 bytes at 0: a timer on the monotonic clock, $ns nanoseconds from now.
  (func $sleep (param $ns i64) (result i32)
    (i64.store (i32.const 0) (i64.const 1))          ;; user data
    (i32.store8 (i32.const 8) (i32.const 0))         ;; a clock
    (i32.store (i32.const 16) (i32.const 1))         ;; the monotonic one
    (i64.store (i32.const 24) (local.get $ns))       ;; how long
    (i64.store (i32.const 32) (i64.const 0))         ;; precision
    (i32.store16 (i32.const 40) (i32.const 0))       ;; relative
    (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))

  (func (export "for_an_hour") (result i32) (call $sleep (i64.const 3_600_000_000_000)))
  (func (export "for_ever") (result i32) (call $sleep (i64.const 0x7fff_ffff_ffff_ffff)))
  (func (export "for_a_microsecond") (result i32) (call $sleep (i64.const 1000))))
