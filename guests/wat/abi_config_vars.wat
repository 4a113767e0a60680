;; Checks config_get, var_get and var_set. Exports named `check_...` return 0, or the number of the
;; first check that failed; the number stands at the start of the check's line.
;; Configuration that the host must give: "greeting" = "hello", "empty" = "".
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))

  (memory 1)
  (data (i32.const 0) "greeting")  ;; 8 bytes, set in the configuration
  (data (i32.const 16) "missing")  ;; 7 bytes, not set
  (data (i32.const 32) "hello")    ;; 5 bytes
  (data (i32.const 48) "color")    ;; 5 bytes, a variable
  (data (i32.const 64) "blue")     ;; 4 bytes
  (data (i32.const 80) "dark red") ;; 8 bytes
  (data (i32.const 96) "empty")    ;; 5 bytes, set to nothing in the configuration

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

  ;; Whether a block holds exactly $size bytes of this module's memory.
  (func $same (param $block i64) (param $from i32) (param $size i32) (result i32)
    (local $i i32)
    (if (i64.ne (call $length (local.get $block)) (i64.extend_i32_u (local.get $size)))
      (then (return (i32.const 0))))
    (loop $next
      (if (i32.ne
            (call $load_u8 (i64.add (local.get $block) (i64.extend_i32_u (local.get $i))))
            (i32.load8_u (i32.add (local.get $from) (local.get $i))))
        (then (return (i32.const 0))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $size))))
    (i32.const 1))

  ;; The call's input as a block, 0 when it is empty.
  (func $input (result i64)
    (local $block i64) (local $i i64)
    (local.set $block (call $alloc (call $input_length)))
    (block $done
      (loop $next
        (br_if $done (i64.ge_u (local.get $i) (call $input_length)))
        (call $store_u8
          (i64.add (local.get $block) (local.get $i))
          (call $input_load_u8 (local.get $i)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $next)))
    (local.get $block))

  (func (export "check_config") (result i32)
    (local $key i64) (local $value i64)
    (global.set $failed (i32.const 0))
    (local.set $key (call $block (i32.const 0) (i32.const 8)))
    (local.set $value (call $config_get (local.get $key)))
    (call $check (i32.const 1) (call $same (local.get $value) (i32.const 32) (i32.const 5)))
    ;; The host took the key.
    (call $check (i32.const 2)
      (i32.or (i64.eqz (call $length (local.get $key))) (i64.eq (local.get $key) (local.get $value))))
    ;; Two answers are two blocks.
    (call $check (i32.const 3)
      (i64.ne (local.get $value) (call $config_get (call $block (i32.const 0) (i32.const 8)))))
    (call $equal (i32.const 4)
      (call $config_get (call $block (i32.const 16) (i32.const 7))) (i64.const 0))
    ;; A value of no bytes needs no block.
    (call $equal (i32.const 5)
      (call $length (call $config_get (call $block (i32.const 96) (i32.const 5)))) (i64.const 0))
    ;; Part of a key is not the key.
    (call $equal (i32.const 6)
      (call $config_get (call $block (i32.const 0) (i32.const 7))) (i64.const 0))
    ;; Offsets at which no block starts.
    (call $equal (i32.const 7) (call $config_get (i64.const 0)) (i64.const 0))
    (call $equal (i32.const 8) (call $config_get (i64.const -1)) (i64.const 0))
    (call $equal (i32.const 9)
      (call $config_get (i64.const 0x7fff_ffff_ffff_fff8)) (i64.const 0))
    (global.get $failed))

  ;; The value of the configuration key that is the input; no output when it is not set.
  (func (export "config_get") (result i32)
    (local $value i64)
    (local.set $value (call $config_get (call $input)))
    (call $output_set (local.get $value) (call $length (local.get $value)))
    (i32.const 0))

  (func (export "check_vars") (result i32)
    (local $key i64) (local $value i64)
    (global.set $failed (i32.const 0))
    (call $equal (i32.const 1)
      (call $var_get (call $block (i32.const 16) (i32.const 7))) (i64.const 0))

    ;; Set; the host takes both blocks.
    (local.set $key (call $block (i32.const 48) (i32.const 5)))
    (local.set $value (call $block (i32.const 64) (i32.const 4)))
    (call $var_set (local.get $key) (local.get $value))
    (call $equal (i32.const 2) (call $length (local.get $key)) (i64.const 0))
    (call $equal (i32.const 3) (call $length (local.get $value)) (i64.const 0))

    ;; Get, more than once; the host takes the key each time.
    (local.set $key (call $block (i32.const 48) (i32.const 5)))
    (local.set $value (call $var_get (local.get $key)))
    (call $check (i32.const 4) (call $same (local.get $value) (i32.const 64) (i32.const 4)))
    (call $check (i32.const 5)
      (i32.or (i64.eqz (call $length (local.get $key))) (i64.eq (local.get $key) (local.get $value))))
    ;; What it got is a copy: writing to it leaves the variable alone.
    (call $store_u8 (local.get $value) (i32.const 0x21))
    (call $check (i32.const 6)
      (call $same (call $var_get (call $block (i32.const 48) (i32.const 5))) (i32.const 64) (i32.const 4)))

    ;; Replace by a longer value.
    (call $var_set
      (call $block (i32.const 48) (i32.const 5)) (call $block (i32.const 80) (i32.const 8)))
    (call $check (i32.const 7)
      (call $same (call $var_get (call $block (i32.const 48) (i32.const 5))) (i32.const 80) (i32.const 8)))

    ;; Remove, also what is not there.
    (call $var_set (call $block (i32.const 48) (i32.const 5)) (i64.const 0))
    (call $equal (i32.const 8)
      (call $var_get (call $block (i32.const 48) (i32.const 5))) (i64.const 0))
    (call $var_set (call $block (i32.const 16) (i32.const 7)) (i64.const 0))

    ;; One block as key and value: both are taken, once.
    (local.set $key (call $block (i32.const 48) (i32.const 5)))
    (call $var_set (local.get $key) (local.get $key))
    (call $equal (i32.const 9) (call $length (local.get $key)) (i64.const 0))
    (call $check (i32.const 10)
      (call $same (call $var_get (call $block (i32.const 48) (i32.const 5))) (i32.const 48) (i32.const 5)))
    (call $var_set (call $block (i32.const 48) (i32.const 5)) (i64.const 0))

    ;; Offsets at which no block starts.
    (call $equal (i32.const 11) (call $var_get (i64.const 0)) (i64.const 0))
    (call $equal (i32.const 12) (call $var_get (i64.const -1)) (i64.const 0))
    (global.get $failed))

  ;; Configuration and variables are apart: neither sees the other's keys.
  (func (export "check_apart") (result i32)
    (global.set $failed (i32.const 0))
    (call $equal (i32.const 1)
      (call $var_get (call $block (i32.const 0) (i32.const 8))) (i64.const 0))
    (call $var_set
      (call $block (i32.const 48) (i32.const 5)) (call $block (i32.const 64) (i32.const 4)))
    (call $equal (i32.const 2)
      (call $config_get (call $block (i32.const 48) (i32.const 5))) (i64.const 0))
    (global.get $failed))

  ;; Sets the variable "color" to the input; an empty input removes it.
  (func (export "set_color") (result i32)
    (call $var_set (call $block (i32.const 48) (i32.const 5)) (call $input))
    (i32.const 0))

  ;; The variable "color"; no output when it is not set.
  (func (export "get_color") (result i32)
    (call $output_color)
    (i32.const 0))

  (func $output_color
    (local $value i64)
    (local.set $value (call $var_get (call $block (i32.const 48) (i32.const 5))))
    (call $output_set (local.get $value) (call $length (local.get $value))))

  ;; Sets "color" to the input and traps: a variable survives the instance.
  (func (export "set_color_and_trap") (result i32)
    (call $var_set (call $block (i32.const 48) (i32.const 5)) (call $input))
    (unreachable))

  ;; Sets "color" to $size bytes.
  (func $set_size (param $size i64)
    (call $var_set (call $block (i32.const 48) (i32.const 5)) (call $alloc (local.get $size))))

  ;; Values of 1000 and of 2000 bytes, for limits in between.
  (func (export "set_1000_bytes") (result i32) (call $set_size (i64.const 1000)) (i32.const 0))
  (func (export "set_2000_bytes") (result i32) (call $set_size (i64.const 2000)) (i32.const 0))

  ;; 100 times 1000 bytes into the same variable: what is replaced does not count.
  (func (export "replace_often") (result i32)
    (local $left i32)
    (local.set $left (i32.const 100))
    (loop $next
      (call $set_size (i64.const 1000))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.const 0)))
