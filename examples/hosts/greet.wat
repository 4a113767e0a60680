;; The plug-in of the example programs beside it. Its input is a name; it asks the program which title
;; that person has, and answers with a greeting: "Ada" gives "Hello, Countess Ada!", if Ada is a countess.
;;
;; A program that offers no `title_of` cannot load it.
(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  ;; A block with the title of the person whose name is in a block, or 0 for somebody without one.
  (import "extism:host/user" "title_of" (func $title_of (param i64) (result i64)))

  (memory 1)
  (data (i32.const 0) "Hello, ")               ;; 7 bytes
  (data (i32.const 7) "whom shall I greet?")   ;; 19 bytes

  ;; Where the next byte goes, in the memory that the plug-in shares with the program.
  (global $end (mut i64) (i64.const 0))

  (func (export "greet") (result i32)
    (local $title i64)
    (local $answer i64)
    (if (i64.eqz (call $input_length)) (then (return (call $nobody))))

    (local.set $title (call $title_of (call $input_offset)))
    (local.set $answer
      (call $alloc
        (i64.add (i64.const 9) ;; "Hello, ", a space and "!"
          (i64.add (call $length (local.get $title)) (call $input_length)))))
    (global.set $end (local.get $answer))

    (call $put_text (i32.const 0) (i32.const 7))
    (if (i64.ne (local.get $title) (i64.const 0))
      (then
        (call $put_block (local.get $title))
        (call $put (i32.const 0x20)))) ;; a space
    (call $put_block (call $input_offset))
    (call $put (i32.const 0x21)) ;; "!"

    (call $output_set (local.get $answer) (i64.sub (global.get $end) (local.get $answer)))
    (i32.const 0))

  ;; Fails: an error has a text and a number.
  (func $nobody (result i32)
    (local $text i64)
    (local.set $text (call $alloc (i64.const 19)))
    (global.set $end (local.get $text))
    (call $put_text (i32.const 7) (i32.const 26))
    (call $error_set (local.get $text))
    (i32.const 1))

  ;; Appends one byte.
  (func $put (param $byte i32)
    (call $store (global.get $end) (local.get $byte))
    (global.set $end (i64.add (global.get $end) (i64.const 1))))

  ;; Appends text of this module's own memory: the bytes from $from up to $to.
  (func $put_text (param $from i32) (param $to i32)
    (loop $next
      (call $put (i32.load8_u (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $to)))))

  ;; Appends what a block holds.
  (func $put_block (param $block i64)
    (local $end i64)
    (local.set $end (i64.add (local.get $block) (call $length (local.get $block))))
    (block $done
      (loop $next
        (br_if $done (i64.ge_u (local.get $block) (local.get $end)))
        (call $put (call $load (local.get $block)))
        (local.set $block (i64.add (local.get $block) (i64.const 1)))
        (br $next)))))
