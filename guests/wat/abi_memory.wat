;; Checks the kernel memory's imports: alloc, free, length, length_unsafe, load_*, store_*,
;; memory_bytes and reset. Every export returns 0, or the number of the first check that failed;
;; the number stands at the start of the check's line.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "length_unsafe" (func $length_unsafe (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "memory_bytes" (func $memory_bytes (result i64)))
  (import "extism:host/env" "reset" (func $reset))
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "output_offset" (func $output_offset (result i64)))
  (import "extism:host/env" "output_length" (func $output_length (result i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "error_get" (func $error_get (result i64)))

  ;; The first failed check of this call, or 0.
  (global $failed (mut i32) (i32.const 0))

  (func $check (param $number i32) (param $holds i32)
    (if (i32.and (i32.eqz (global.get $failed)) (i32.eqz (local.get $holds)))
      (then (global.set $failed (local.get $number)))))

  (func $equal (param $number i32) (param $got i64) (param $want i64)
    (call $check (local.get $number) (i64.eq (local.get $got) (local.get $want))))

  ;; alloc: a block of the size asked for; 0 for nothing and for the impossible.
  (func (export "alloc") (result i32)
    (local $a i64) (local $b i64)
    (global.set $failed (i32.const 0))
    (call $equal (i32.const 1) (call $alloc (i64.const 0)) (i64.const 0))
    (local.set $a (call $alloc (i64.const 1)))
    (local.set $b (call $alloc (i64.const 100000)))
    (call $check (i32.const 2) (i64.ne (local.get $a) (i64.const 0)))
    (call $check (i32.const 3) (i64.ne (local.get $b) (i64.const 0)))
    (call $check (i32.const 4) (i64.ne (local.get $a) (local.get $b)))
    (call $equal (i32.const 5) (call $length (local.get $a)) (i64.const 1))
    (call $equal (i32.const 6) (call $length (local.get $b)) (i64.const 100000))
    ;; Sizes that no memory has, also those that wrap when a header or padding is added.
    (call $equal (i32.const 7) (call $alloc (i64.const 0x1_0000_0001)) (i64.const 0))
    (call $equal (i32.const 8) (call $alloc (i64.const 0x100_0000_0000)) (i64.const 0))
    (call $equal (i32.const 9) (call $alloc (i64.const 0x7fff_ffff_ffff_ffff)) (i64.const 0))
    (call $equal (i32.const 10) (call $alloc (i64.const -0x10000)) (i64.const 0))
    (call $equal (i32.const 11) (call $alloc (i64.const -64)) (i64.const 0))
    (call $equal (i32.const 12) (call $alloc (i64.const -16)) (i64.const 0))
    (call $equal (i32.const 13) (call $alloc (i64.const -8)) (i64.const 0))
    (call $equal (i32.const 14) (call $alloc (i64.const -1)) (i64.const 0))
    ;; A refused allocation harms neither older nor newer blocks.
    (call $equal (i32.const 15) (call $length (local.get $b)) (i64.const 100000))
    (call $check (i32.const 16) (i64.ne (call $alloc (i64.const 10)) (i64.const 0)))
    (global.get $failed))

  ;; free: the block is gone; what is not a block's start is ignored.
  (func (export "free") (result i32)
    (local $a i64) (local $b i64) (local $c i64)
    (global.set $failed (i32.const 0))
    (local.set $a (call $alloc (i64.const 32)))
    (local.set $b (call $alloc (i64.const 32)))
    (call $free (i64.const 0))
    (call $free (i64.const -1))
    (call $free (i64.const 0x7fff_ffff_ffff_fff8))
    (call $free (i64.add (local.get $a) (i64.const 8))) ;; inside the block: no block starts there
    (call $equal (i32.const 1) (call $length (local.get $a)) (i64.const 32))
    (call $equal (i32.const 2) (call $length (local.get $b)) (i64.const 32))
    (call $free (local.get $a))
    (call $equal (i32.const 3) (call $length (local.get $a)) (i64.const 0))
    (call $equal (i32.const 4) (call $length (local.get $b)) (i64.const 32))
    ;; Freeing twice must not hand the same block out twice.
    (call $free (local.get $a))
    (local.set $a (call $alloc (i64.const 32)))
    (local.set $c (call $alloc (i64.const 32)))
    (call $check (i32.const 5) (i64.ne (local.get $a) (i64.const 0)))
    (call $check (i32.const 6) (i64.ne (local.get $c) (i64.const 0)))
    (call $check (i32.const 7) (i64.ne (local.get $a) (local.get $c)))
    (call $check (i32.const 8) (i64.ne (local.get $a) (local.get $b)))
    (call $check (i32.const 9) (i64.ne (local.get $c) (local.get $b)))
    ;; Live blocks do not overlap: what is written to one stays out of the others.
    (call $store_u64 (local.get $a) (i64.const 0x1111_1111_1111_1111))
    (call $store_u64 (i64.add (local.get $a) (i64.const 24)) (i64.const 0x1111_1111_1111_1111))
    (call $store_u64 (local.get $b) (i64.const 0x2222_2222_2222_2222))
    (call $store_u64 (i64.add (local.get $b) (i64.const 24)) (i64.const 0x2222_2222_2222_2222))
    (call $store_u64 (local.get $c) (i64.const 0x3333_3333_3333_3333))
    (call $store_u64 (i64.add (local.get $c) (i64.const 24)) (i64.const 0x3333_3333_3333_3333))
    (call $equal (i32.const 10) (call $load_u64 (local.get $a)) (i64.const 0x1111_1111_1111_1111))
    (call $equal (i32.const 11) (call $load_u64 (local.get $b)) (i64.const 0x2222_2222_2222_2222))
    (call $equal (i32.const 12) (call $load_u64 (local.get $c)) (i64.const 0x3333_3333_3333_3333))
    (global.get $failed))

  ;; Freed memory is used again: 64 MiB in pieces of 64 KiB fit into any limit from 1 MiB on.
  (func (export "free_makes_room") (result i32)
    (local $left i32) (local $block i64)
    (local.set $left (i32.const 1024))
    (loop $next
      (local.set $block (call $alloc (i64.const 65536)))
      (if (i64.eqz (local.get $block)) (then (return (i32.const 1))))
      (call $free (local.get $block))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.const 0))

  ;; Freeing the input's block makes the input empty.
  ;; Call it with an input.
  (func (export "free_input") (result i32)
    (global.set $failed (i32.const 0))
    (call $check (i32.const 1) (i64.ne (call $input_length) (i64.const 0)))
    (call $free (call $input_offset))
    (call $equal (i32.const 2) (call $input_length) (i64.const 0))
    (global.get $failed))

  ;; length and length_unsafe: the block that *starts* at an offset, else 0.
  (func (export "length") (result i32)
    (local $a i64)
    (global.set $failed (i32.const 0))
    (local.set $a (call $alloc (i64.const 32)))
    (call $equal (i32.const 1) (call $length (local.get $a)) (i64.const 32))
    (call $equal (i32.const 2) (call $length (i64.const 0)) (i64.const 0))
    (call $equal (i32.const 3) (call $length (i64.add (local.get $a) (i64.const 1))) (i64.const 0))
    (call $equal (i32.const 4) (call $length (i64.add (local.get $a) (i64.const 8))) (i64.const 0))
    (call $equal (i32.const 5) (call $length (i64.sub (local.get $a) (i64.const 1))) (i64.const 0))
    (call $equal (i32.const 6) (call $length (i64.const 0x1_0000_0000)) (i64.const 0))
    ;; Not the block itself when only the low 32 bits agree.
    (call $equal (i32.const 7)
      (call $length (i64.or (local.get $a) (i64.const 0x1_0000_0000))) (i64.const 0))
    (call $equal (i32.const 8) (call $length (i64.const -1)) (i64.const 0))
    (call $equal (i32.const 9) (call $length_unsafe (local.get $a)) (i64.const 32))
    (call $equal (i32.const 10) (call $length_unsafe (i64.const 0)) (i64.const 0))
    (call $equal (i32.const 11)
      (call $length_unsafe (i64.add (local.get $a) (i64.const 8))) (i64.const 0))
    (call $equal (i32.const 12) (call $length_unsafe (i64.const -1)) (i64.const 0))
    (global.get $failed))

  ;; load and store: little-endian, a byte and eight bytes, aligned or not.
  (func (export "load_store") (result i32)
    (local $a i64)
    (global.set $failed (i32.const 0))
    (local.set $a (call $alloc (i64.const 32)))
    (call $store_u64 (local.get $a) (i64.const 0x8877_6655_4433_2211))
    (call $equal (i32.const 1) (call $load_u64 (local.get $a)) (i64.const 0x8877_6655_4433_2211))
    (call $check (i32.const 2) (i32.eq (call $load_u8 (local.get $a)) (i32.const 0x11)))
    (call $check (i32.const 3)
      (i32.eq (call $load_u8 (i64.add (local.get $a) (i64.const 7))) (i32.const 0x88))) ;; no sign
    (call $store_u8 (i64.add (local.get $a) (i64.const 1)) (i32.const 0x1ff)) ;; the low byte counts
    (call $equal (i32.const 4) (call $load_u64 (local.get $a)) (i64.const 0x8877_6655_4433_ff11))
    (call $store_u64 (i64.add (local.get $a) (i64.const 11)) (i64.const -2)) ;; unaligned
    (call $equal (i32.const 5)
      (call $load_u64 (i64.add (local.get $a) (i64.const 11))) (i64.const -2))
    (call $check (i32.const 6)
      (i32.eq (call $load_u8 (i64.add (local.get $a) (i64.const 11))) (i32.const 0xfe)))
    (global.get $failed))

  ;; Far outside every memory: a load is 0, a store is ignored. Needs a limit below 4 GiB.
  (func (export "far_out_of_bounds") (result i32)
    (local $a i64)
    (global.set $failed (i32.const 0))
    (local.set $a (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $a) (i64.const 0x0102_0304_0506_0708))
    (call $out_of_bounds (i32.const 10) (i64.const -1))
    (call $out_of_bounds (i32.const 20) (i64.const -4))
    (call $out_of_bounds (i32.const 30) (i64.const -8))
    (call $out_of_bounds (i32.const 40) (i64.const -0x8000_0000_0000_0000))
    (call $out_of_bounds (i32.const 50) (i64.const 0x7fff_ffff_ffff_fffc))
    (call $out_of_bounds (i32.const 60) (i64.const 0xffff_fffc))
    (call $out_of_bounds (i32.const 70) (i64.const 0x1_0000_0000))
    ;; An offset must not be cut to 32 bits.
    (call $out_of_bounds (i32.const 80) (i64.or (local.get $a) (i64.const 0x1_0000_0000)))
    (call $out_of_bounds (i32.const 90) (i64.or (local.get $a) (i64.const -0x1_0000_0000)))
    (call $equal (i32.const 100) (call $load_u64 (local.get $a)) (i64.const 0x0102_0304_0506_0708))
    (global.get $failed))

  ;; Checks $number + 1 to $number + 4: nothing can be read or written at $offset.
  (func $out_of_bounds (param $number i32) (param $offset i64)
    (call $store_u8 (local.get $offset) (i32.const 0xaa))
    (call $check (i32.add (local.get $number) (i32.const 1))
      (i32.eqz (call $load_u8 (local.get $offset))))
    (call $equal (i32.add (local.get $number) (i32.const 2))
      (call $load_u64 (local.get $offset)) (i64.const 0))
    (call $store_u64 (local.get $offset) (i64.const 0xaaaa))
    (call $check (i32.add (local.get $number) (i32.const 3))
      (i32.eqz (call $load_u8 (local.get $offset))))
    (call $equal (i32.add (local.get $number) (i32.const 4))
      (call $load_u64 (local.get $offset)) (i64.const 0)))

  ;; The last bytes of the memory, wherever it ends: an access that would straddle the end
  ;; reads 0 and writes nothing. Needs a limit below 4 GiB.
  (func (export "end_of_memory") (result i32)
    (local $end i64) (local $bottom i64) (local $middle i64)
    (global.set $failed (i32.const 0))
    ;; Halves the distance between an offset inside ($bottom) and one outside ($end).
    (local.set $bottom (call $alloc (i64.const 8)))
    (local.set $end (i64.const 0x1_0000_0000))
    (loop $halve
      (local.set $middle
        (i64.shr_u (i64.add (local.get $bottom) (local.get $end)) (i64.const 1)))
      (if (call $writable (local.get $middle))
        (then (local.set $bottom (local.get $middle)))
        (else (local.set $end (local.get $middle))))
      (br_if $halve
        (i64.gt_u (i64.sub (local.get $end) (local.get $bottom)) (i64.const 1))))

    ;; The last eight bytes, exactly.
    (call $store_u64 (i64.sub (local.get $end) (i64.const 8)) (i64.const 0x0102_0304_0506_0708))
    (call $equal (i32.const 1)
      (call $load_u64 (i64.sub (local.get $end) (i64.const 8))) (i64.const 0x0102_0304_0506_0708))
    ;; One byte too far: nothing is written, not even the bytes that would fit.
    (call $store_u64 (i64.sub (local.get $end) (i64.const 7)) (i64.const -1))
    (call $equal (i32.const 2)
      (call $load_u64 (i64.sub (local.get $end) (i64.const 8))) (i64.const 0x0102_0304_0506_0708))
    (call $equal (i32.const 3)
      (call $load_u64 (i64.sub (local.get $end) (i64.const 7))) (i64.const 0))
    (call $store_u64 (i64.sub (local.get $end) (i64.const 1)) (i64.const -1))
    (call $check (i32.const 4)
      (i32.eq (call $load_u8 (i64.sub (local.get $end) (i64.const 1))) (i32.const 0x01)))
    (call $equal (i32.const 5)
      (call $load_u64 (i64.sub (local.get $end) (i64.const 1))) (i64.const 0))
    (call $store_u8 (local.get $end) (i32.const 0xff))
    (call $check (i32.const 6) (i32.eqz (call $load_u8 (local.get $end))))
    (call $equal (i32.const 7) (call $load_u64 (local.get $end)) (i64.const 0))
    (global.get $failed))

  ;; Whether a byte that is stored at $offset can be read back; leaves the byte as it was.
  (func $writable (param $offset i64) (result i32)
    (local $before i32) (local $writable i32)
    (local.set $before (call $load_u8 (local.get $offset)))
    (call $store_u8 (local.get $offset) (i32.const 0xa5))
    (local.set $writable (i32.eq (call $load_u8 (local.get $offset)) (i32.const 0xa5)))
    (call $store_u8 (local.get $offset) (local.get $before))
    (local.get $writable))

  ;; memory_bytes covers what was allocated.
  (func (export "memory_bytes") (result i32)
    (global.set $failed (i32.const 0))
    (call $check (i32.const 1) (i64.ne (call $alloc (i64.const 200000)) (i64.const 0)))
    (call $check (i32.const 2) (i64.ge_u (call $memory_bytes) (i64.const 200000)))
    (global.get $failed))

  ;; reset frees every block and clears input, output and error. Call it with an input.
  (func (export "reset") (result i32)
    (local $a i64)
    (global.set $failed (i32.const 0))
    (local.set $a (call $alloc (i64.const 16)))
    (call $output_set (local.get $a) (i64.const 16))
    (call $error_set (local.get $a))
    (call $check (i32.const 1) (i64.ne (call $input_length) (i64.const 0)))
    (call $equal (i32.const 2) (call $output_offset) (local.get $a))
    (call $equal (i32.const 3) (call $output_length) (i64.const 16))
    (call $equal (i32.const 4) (call $error_get) (local.get $a))
    (call $reset)
    (call $equal (i32.const 5) (call $length (local.get $a)) (i64.const 0))
    (call $equal (i32.const 6) (call $input_length) (i64.const 0))
    (call $equal (i32.const 7) (call $output_length) (i64.const 0))
    (call $equal (i32.const 8) (call $error_get) (i64.const 0))
    ;; Everything works after it.
    (local.set $a (call $alloc (i64.const 16)))
    (call $equal (i32.const 9) (call $length (local.get $a)) (i64.const 16))
    (global.get $failed)))
