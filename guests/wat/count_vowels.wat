;; Counts the vowels in its input: "Hello, World!" gives {"count":3}.
;;
;; A plug-in and its host share one piece of memory, the kernel memory. Offsets into it
;; are i64. A plug-in reads its input from there, writes its answer there, and says where
;; the answer is with `output_set`.
(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_byte (param i64) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))

  ;; This module's own memory holds the one piece of text that it needs: 9 bytes.
  (memory 1)
  (data (i32.const 0) "{\"count\":")

  ;; Where the next byte of the answer goes, in kernel memory.
  (global $end (mut i64) (i64.const 0))

  ;; The entry point: no parameters; the result 0 means success.
  (func (export "count_vowels") (result i32)
    (local $answer i64)
    (local.set $answer (call $alloc (i64.const 30))) ;; 9 bytes of text, at most 20 digits, "}"
    (global.set $end (local.get $answer))

    (call $put_text (i32.const 0) (i32.const 9))     ;; {"count":
    (call $put_number (call $count))                 ;; 3
    (call $put (i32.const 0x7d))                     ;; }

    (call $output_set (local.get $answer) (i64.sub (global.get $end) (local.get $answer)))
    (i32.const 0))

  ;; How many bytes of the input are vowels.
  (func $count (result i64)
    (local $i i64)
    (local $found i64)
    (block $done
      (loop $next
        (br_if $done (i64.ge_u (local.get $i) (call $input_length)))
        (local.set $found
          (i64.add (local.get $found)
            (i64.extend_i32_u (call $is_vowel (call $input_byte (local.get $i))))))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $next)))
    (local.get $found))

  ;; 1 for a, e, i, o and u in either case, else 0.
  (func $is_vowel (param $byte i32) (result i32)
    (local.set $byte (i32.or (local.get $byte) (i32.const 0x20))) ;; to lower case
    (i32.or
      (i32.or
        (i32.eq (local.get $byte) (i32.const 0x61))   ;; a
        (i32.eq (local.get $byte) (i32.const 0x65)))  ;; e
      (i32.or
        (i32.eq (local.get $byte) (i32.const 0x69))   ;; i
        (i32.or
          (i32.eq (local.get $byte) (i32.const 0x6f))     ;; o
          (i32.eq (local.get $byte) (i32.const 0x75)))))) ;; u

  ;; Appends one byte to the answer.
  (func $put (param $byte i32)
    (call $store (global.get $end) (local.get $byte))
    (global.set $end (i64.add (global.get $end) (i64.const 1))))

  ;; Appends text from this module's own memory: the bytes from $from up to $to.
  (func $put_text (param $from i32) (param $to i32)
    (loop $next
      (call $put (i32.load8_u (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $to)))))

  ;; Appends a number in decimal: first all digits but the last, then the last one.
  (func $put_number (param $n i64)
    (if (i64.ge_u (local.get $n) (i64.const 10))
      (then (call $put_number (i64.div_u (local.get $n) (i64.const 10)))))
    (call $put
      (i32.add
        (i32.const 0x30) ;; the digit "0"
        (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.const 10)))))))
