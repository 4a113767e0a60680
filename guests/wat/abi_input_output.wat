;; Checks the imports around input, output and error. Exports named `check_...` return 0, or the
;; number of the first check that failed; the number stands at the start of the check's line.
;; The other exports do what their comment says, and the host's answer is the check.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "input_set" (func $input_set (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "output_offset" (func $output_offset (result i64)))
  (import "extism:host/env" "output_length" (func $output_length (result i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "error_get" (func $error_get (result i64)))

  (memory 1)
  (data (i32.const 0) "went wrong") ;; 10 bytes
  (data (i32.const 16) "bad \ff\fe text") ;; 11 bytes, not UTF-8
  (data (i32.const 32) "fine") ;; 4 bytes

  ;; The first failed check of this call, or 0.
  (global $failed (mut i32) (i32.const 0))

  (func $check (param $number i32) (param $holds i32)
    (if (i32.and (i32.eqz (global.get $failed)) (i32.eqz (local.get $holds)))
      (then (global.set $failed (local.get $number)))))

  (func $equal (param $number i32) (param $got i64) (param $want i64)
    (call $check (local.get $number) (i64.eq (local.get $got) (local.get $want))))

  ;; A block with a copy of $size bytes of this module's memory.
  (func $block (param $from i32) (param $size i32) (result i64)
    (local $block i64) (local $i i32)
    (local.set $block (call $alloc (i64.extend_i32_u (local.get $size))))
    (loop $next
      (call $store_u8
        (i64.add (local.get $block) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (i32.add (local.get $from) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $size))))
    (local.get $block))

  ;; Reading the input. Call it with the nine bytes "abcdefghi".
  (func (export "check_input") (result i32)
    (global.set $failed (i32.const 0))
    (call $equal (i32.const 1) (call $input_length) (i64.const 9))
    (call $check (i32.const 2) (i64.ne (call $input_offset) (i64.const 0)))
    (call $equal (i32.const 3) (call $length (call $input_offset)) (i64.const 9))
    (call $check (i32.const 4) (i32.eq (call $load_u8 (call $input_offset)) (i32.const 0x61)))
    (call $check (i32.const 5) (i32.eq (call $input_load_u8 (i64.const 0)) (i32.const 0x61)))
    (call $check (i32.const 6) (i32.eq (call $input_load_u8 (i64.const 8)) (i32.const 0x69)))
    (call $equal (i32.const 7) (call $input_load_u64 (i64.const 0)) (i64.const 0x6867_6665_6463_6261))
    (call $equal (i32.const 8) (call $input_load_u64 (i64.const 1)) (i64.const 0x6968_6766_6564_6362))
    ;; Past the end: 0, also when a part would fit, and with numbers that wrap.
    (call $check (i32.const 9) (i32.eqz (call $input_load_u8 (i64.const 9))))
    (call $check (i32.const 10) (i32.eqz (call $input_load_u8 (i64.const -1))))
    (call $check (i32.const 11) (i32.eqz (call $input_load_u8 (i64.const 0x1_0000_0000))))
    (call $equal (i32.const 12) (call $input_load_u64 (i64.const 2)) (i64.const 0))
    (call $equal (i32.const 13) (call $input_load_u64 (i64.const 8)) (i64.const 0))
    (call $equal (i32.const 14) (call $input_load_u64 (i64.const 9)) (i64.const 0))
    (call $equal (i32.const 15) (call $input_load_u64 (i64.const -1)) (i64.const 0))
    (call $equal (i32.const 16) (call $input_load_u64 (i64.const -8)) (i64.const 0))
    ;; Bytes before the input are not input either.
    (call $check (i32.const 17)
      (i32.eqz (call $input_load_u8 (i64.sub (i64.const 0) (call $input_offset)))))
    (global.get $failed))

  ;; An empty input. Call it without input.
  (func (export "check_no_input") (result i32)
    (global.set $failed (i32.const 0))
    (call $equal (i32.const 1) (call $input_length) (i64.const 0))
    (call $check (i32.const 2) (i32.eqz (call $input_load_u8 (i64.const 0))))
    (call $equal (i32.const 3) (call $input_load_u64 (i64.const 0)) (i64.const 0))
    (global.get $failed))

  ;; input_set makes any range the input.
  (func (export "check_input_set") (result i32)
    (local $a i64)
    (global.set $failed (i32.const 0))
    (local.set $a (call $block (i32.const 0) (i32.const 10)))
    (call $input_set (i64.add (local.get $a) (i64.const 5)) (i64.const 5)) ;; "wrong"
    (call $equal (i32.const 1) (call $input_length) (i64.const 5))
    (call $equal (i32.const 2) (call $input_offset) (i64.add (local.get $a) (i64.const 5)))
    (call $check (i32.const 3) (i32.eq (call $input_load_u8 (i64.const 0)) (i32.const 0x77)))
    (call $check (i32.const 4) (i32.eqz (call $input_load_u8 (i64.const 5))))
    (call $input_set (i64.const 0) (i64.const 0))
    (call $equal (i32.const 5) (call $input_length) (i64.const 0))
    (global.get $failed))

  ;; Before output_set the output is empty; afterwards it is what output_set said last.
  (func (export "check_output") (result i32)
    (local $a i64)
    (global.set $failed (i32.const 0))
    (call $equal (i32.const 1) (call $output_length) (i64.const 0))
    (local.set $a (call $alloc (i64.const 64)))
    (call $output_set (local.get $a) (i64.const 64))
    (call $equal (i32.const 2) (call $output_offset) (local.get $a))
    (call $equal (i32.const 3) (call $output_length) (i64.const 64))
    (call $output_set (i64.add (local.get $a) (i64.const 3)) (i64.const 4))
    (call $equal (i32.const 4) (call $output_offset) (i64.add (local.get $a) (i64.const 3)))
    (call $equal (i32.const 5) (call $output_length) (i64.const 4))
    (call $output_set (i64.const 0) (i64.const 0))
    (call $equal (i32.const 6) (call $output_length) (i64.const 0))
    (global.get $failed))

  ;; No output at all.
  (func (export "output_none") (result i32) (i32.const 0))

  ;; An output of no bytes at the start of a block.
  (func (export "output_empty") (result i32)
    (call $output_set (call $alloc (i64.const 8)) (i64.const 0))
    (i32.const 0))

  ;; Four of the ten bytes of a block: "went".
  (func (export "output_part") (result i32)
    (call $output_set (call $block (i32.const 0) (i32.const 10)) (i64.const 4))
    (i32.const 0))

  ;; The last output_set wins: "fine".
  (func (export "output_twice") (result i32)
    (call $output_set (call $block (i32.const 0) (i32.const 10)) (i64.const 10))
    (call $output_set (call $block (i32.const 32) (i32.const 4)) (i64.const 4))
    (i32.const 0))

  ;; error_get says what error_set said; 0 clears.
  (func (export "check_error") (result i32)
    (local $a i64)
    (global.set $failed (i32.const 0))
    (call $equal (i32.const 1) (call $error_get) (i64.const 0))
    (local.set $a (call $block (i32.const 0) (i32.const 10)))
    (call $error_set (local.get $a))
    (call $equal (i32.const 2) (call $error_get) (local.get $a))
    (call $error_set (i64.const 0))
    (call $equal (i32.const 3) (call $error_get) (i64.const 0))
    (global.get $failed))

  ;; Fails with code 7 and the message "went wrong".
  (func (export "fail") (result i32)
    (call $error_set (call $block (i32.const 0) (i32.const 10)))
    (i32.const 7))

  ;; Fails with code 1 and a message that is not UTF-8.
  (func (export "fail_not_utf8") (result i32)
    (call $error_set (call $block (i32.const 16) (i32.const 11)))
    (i32.const 1))

  ;; Fails with code 3 and no message.
  (func (export "fail_silently") (result i32) (i32.const 3))

  ;; Fails with code -1, which some hosts keep for themselves.
  (func (export "fail_minus_one") (result i32) (i32.const -1))

  ;; Fails with code 1 after the message was cleared.
  (func (export "fail_cleared") (result i32)
    (call $error_set (call $block (i32.const 0) (i32.const 10)))
    (call $error_set (i64.const 0))
    (i32.const 1))

  ;; Sets an output as well as an error and fails: the error counts.
  (func (export "fail_with_output") (result i32)
    (call $output_set (call $block (i32.const 32) (i32.const 4)) (i64.const 4))
    (call $error_set (call $block (i32.const 0) (i32.const 10)))
    (i32.const 9))

  ;; Sets an error but returns 0: the return code decides, so this is a success with output "fine".
  (func (export "error_but_success") (result i32)
    (call $error_set (call $block (i32.const 0) (i32.const 10)))
    (call $output_set (call $block (i32.const 32) (i32.const 4)) (i64.const 4))
    (i32.const 0))

  ;; The same without any result.
  (func (export "error_but_no_result")
    (call $error_set (call $block (i32.const 0) (i32.const 10)))
    (call $output_set (call $block (i32.const 32) (i32.const 4)) (i64.const 4)))

  ;; The message's block is freed before the call ends. The code counts; what the message is then
  ;; is not specified.
  (func (export "fail_freed_message") (result i32)
    (local $a i64)
    (local.set $a (call $block (i32.const 0) (i32.const 10)))
    (call $error_set (local.get $a))
    (call $free (local.get $a))
    (i32.const 4))

  ;; The output's block is freed before the call ends. The range is still inside the kernel
  ;; memory, so this is a success; the bytes are not specified.
  (func (export "output_freed") (result i32)
    (local $a i64)
    (local.set $a (call $block (i32.const 32) (i32.const 4)))
    (call $output_set (local.get $a) (i64.const 4))
    (call $free (local.get $a))
    (i32.const 0)))
