;; Uses the host functions of the conformance catalogue (conformance/README.md).
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "kv_read" (func $kv_read (param i64) (result i64)))
  (import "extism:host/user" "kv_write" (func $kv_write (param i64 i64)))
  (import "extism:host/user" "host_add" (func $host_add (param i64 i64) (result i64)))
  (import "extism:host/user" "host_mix"
    (func $host_mix (param i32 i64 f32 f64) (result f64)))
  ;; The same kind of function, declared by the host without a module: `env` is served as well.
  (import "env" "host_echo" (func $host_echo (param i64) (result i64)))

  (memory 1)
  (data (i32.const 0) "note") ;; 4 bytes

  (func $output (param $block i64)
    (call $output_set (local.get $block) (call $length (local.get $block))))

  ;; A block with the key "note".
  (func $key (result i64)
    (local $block i64) (local $i i32)
    (local.set $block (call $alloc (i64.const 4)))
    (loop $next
      (call $store_u8
        (i64.add (local.get $block) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 4))))
    (local.get $block))

  ;; The value of the key that is the input; no output when there is none.
  (func (export "read") (result i32)
    (call $output (call $kv_read (call $input_offset)))
    (i32.const 0))

  ;; Stores the input under "note".
  (func (export "write_note") (result i32)
    (call $kv_write (call $key) (call $input_offset))
    (i32.const 0))

  ;; The value under "note".
  (func (export "read_note") (result i32)
    (call $output (call $kv_read (call $key)))
    (i32.const 0))

  ;; Numbers go in and come out unchanged, whatever their size and sign.
  ;; Returns the number of the check that failed, else 0.
  (func (export "check_numbers") (result i32)
    (if (i64.ne (call $host_add (i64.const 40) (i64.const 2)) (i64.const 42))
      (then (return (i32.const 1))))
    (if (i64.ne (call $host_add (i64.const -1) (i64.const -2)) (i64.const -3))
      (then (return (i32.const 2))))
    (if (i64.ne
          (call $host_add (i64.const 0x7fff_ffff_ffff_ffff) (i64.const 1))
          (i64.const -0x8000_0000_0000_0000))
      (then (return (i32.const 3))))
    (if (f64.ne
          (call $host_mix (i32.const -1) (i64.const 0x1_0000_0000) (f32.const 0.5) (f64.const 0.25))
          (f64.const 4294967295.75))
      (then (return (i32.const 4))))
    (i32.const 0))

  ;; The answer of a host function is a block of its own, as long as what was sent.
  ;; Returns the number of the check that failed, else 0.
  (func (export "check_blocks") (result i32)
    (local $key i64) (local $answer i64)
    (local.set $key (call $key))
    (local.set $answer (call $host_echo (local.get $key)))
    (if (i64.eqz (local.get $answer)) (then (return (i32.const 1))))
    (if (i64.eq (local.get $answer) (local.get $key)) (then (return (i32.const 2))))
    (if (i64.ne (call $length (local.get $answer)) (i64.const 4)) (then (return (i32.const 3))))
    ;; The host took neither of them.
    (if (i64.ne (call $length (local.get $key)) (i64.const 4)) (then (return (i32.const 4))))
    ;; Nothing sent, nothing returned.
    (if (i64.ne (call $host_echo (i64.const 0)) (i64.const 0)) (then (return (i32.const 5))))
    (i32.const 0))

  ;; Sends the input through the host.
  (func (export "echo") (result i32)
    (call $output (call $host_echo (call $input_offset)))
    (i32.const 0))

  ;; Offsets at which no block starts, as a host function's parameter: kind Contract.
  (func (export "send_interior") (result i32)
    (drop (call $host_echo (i64.add (call $key) (i64.const 1))))
    (i32.const 0))
  (func (export "send_freed") (result i32)
    (local $block i64)
    (local.set $block (call $key))
    (call $free (local.get $block))
    (drop (call $host_echo (local.get $block)))
    (i32.const 0))
  (func (export "send_last") (result i32)
    (drop (call $host_echo (i64.const -1)))
    (i32.const 0))
  (func (export "send_high_bit") (result i32)
    (drop (call $host_echo (i64.const -0x8000_0000_0000_0000)))
    (i32.const 0)))
