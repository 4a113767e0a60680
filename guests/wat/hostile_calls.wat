;; Hands the contract's imports whatever they should not be given. Unless an export says otherwise,
;; the call goes on and succeeds.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "input_set" (func $input_set (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "reset" (func $reset))

  ;; Input ranges outside the memory: kind Contract.
  (func (export "input_set_wraps") (result i32)
    (call $input_set (i64.const -8) (i64.const -1))
    (i32.const 0))
  (func (export "input_set_past_end") (result i32)
    (call $input_set (call $k) (i64.const 0x1_0000_0000))
    (i32.const 0))

  ;; Fails with code 1 and no message: no block starts at these offsets.
  (func (export "error_set_wild") (result i32)
    (call $error_set (i64.const -1))
    (i32.const 1))
  (func (export "error_set_high_bit") (result i32)
    (call $error_set (i64.const -0x8000_0000_0000_0000))
    (i32.const 1))

  ;; A value at an offset where no block starts is no value: the variable is not set or is removed.
  (func (export "var_set_wild") (result i32)
    (call $var_set (call $k) (i64.const -0x8000_0000_0000_0000))
    (i64.ne (call $var_get (call $k)) (i64.const 0)))

  ;; A block with the letter "k".
  (func $k (result i64)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.const 0x6b))
    (local.get $block))

  ;; A variable of 2 MiB, twice the default limit: kind Limit.
  (func (export "var_set_huge") (result i32)
    (call $var_set (call $k) (call $alloc (i64.const 0x20_0000)))
    (i32.const 0))

  ;; 100 000 variables of 100 bytes with keys of 4 bytes: kind Limit.
  (func (export "var_set_many") (result i32)
    (local $left i32) (local $key i64)
    (local.set $left (i32.const 100000))
    (loop $next
      (local.set $key (call $alloc (i64.const 4)))
      ;; Three letters "A" to "p" and one "k" make the key, in UTF-8.
      (call $store_u8 (local.get $key)
        (i32.add (i32.const 0x41) (i32.rem_u (local.get $left) (i32.const 48))))
      (call $store_u8 (i64.add (local.get $key) (i64.const 1))
        (i32.add (i32.const 0x41)
          (i32.rem_u (i32.div_u (local.get $left) (i32.const 48)) (i32.const 48))))
      (call $store_u8 (i64.add (local.get $key) (i64.const 2))
        (i32.add (i32.const 0x41) (i32.div_u (local.get $left) (i32.const 2304))))
      (call $store_u8 (i64.add (local.get $key) (i64.const 3)) (i32.const 0x6b))
      (call $var_set (local.get $key) (call $alloc (i64.const 100)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.const 0))

  ;; Many variables of no bytes to speak of: keys count as well. 300 000 keys of 8 bytes and values of
  ;; 1 byte are 2.7 MB: kind Limit.
  (func (export "var_set_many_keys") (result i32)
    (local $left i32) (local $key i64) (local $i i32)
    (local.set $left (i32.const 300000))
    (loop $next
      (local.set $key (call $alloc (i64.const 8)))
      (local.set $i (i32.const 0))
      ;; The number in hexadecimal, with the letters "A" to "P".
      (loop $letter
        (call $store_u8
          (i64.add (local.get $key) (i64.extend_i32_u (local.get $i)))
          (i32.add (i32.const 0x41)
            (i32.and
              (i32.const 15)
              (i32.shr_u (local.get $left) (i32.mul (i32.const 4) (local.get $i))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $letter (i32.lt_u (local.get $i) (i32.const 8))))
      (call $var_set (local.get $key) (call $alloc (i64.const 1)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.const 0))

  ;; Every import that takes ownership, with a block that was freed before.
  (func (export "freed_blocks") (result i32)
    (local $block i64)
    (local.set $block (call $k))
    (call $free (local.get $block))
    (drop (call $config_get (local.get $block)))
    (drop (call $var_get (local.get $block)))
    (call $var_set (local.get $block) (local.get $block))
    (call $error_set (local.get $block))
    (i32.const 0))

  ;; 10 000 resets.
  (func (export "reset_often") (result i32)
    (local $left i32)
    (local.set $left (i32.const 10000))
    (loop $next
      (drop (call $alloc (i64.const 100)))
      (call $reset)
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.const 0)))
