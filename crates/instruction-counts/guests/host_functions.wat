;; Both exports call a host function as often as the first 8 bytes of the input say.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/user" "next" (func $next (param i64) (result i64)))
  (import "extism:host/user" "shout" (func $shout (param i64) (result i64)))

  (func (export "numbers") (local $left i64)
    (local.set $left (call $input_load_u64 (i64.const 0)))
    (loop $again
      (drop (call $next (local.get $left)))
      (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $again (i64.ne (local.get $left) (i64.const 0)))))

  ;; What a PDK does: a block is made and filled, the host takes it and answers with one, which is read and freed.
  (func (export "strings") (local $left i64)
    (local.set $left (call $input_load_u64 (i64.const 0)))
    (loop $again
      (call $exchange)
      (local.set $left (i64.sub (local.get $left) (i64.const 1)))
      (br_if $again (i64.ne (local.get $left) (i64.const 0)))))

  (func $exchange (local $question i64) (local $answer i64) (local $at i64) (local $end i64)
    (local.set $question (call $alloc (i64.const 64)))
    (local.set $at (local.get $question))
    (local.set $end (i64.add (local.get $question) (i64.const 64)))
    (loop $fill
      (call $store_u64 (local.get $at) (i64.const 0x6161616161616161))
      (local.set $at (i64.add (local.get $at) (i64.const 8)))
      (br_if $fill (i64.lt_u (local.get $at) (local.get $end))))
    (local.set $answer (call $shout (local.get $question)))
    (if (i64.ne (call $length (local.get $answer)) (i64.const 64)) (then unreachable))
    (local.set $at (local.get $answer))
    (local.set $end (i64.add (local.get $answer) (i64.const 64)))
    (loop $read
      (if (i64.ne (call $load_u64 (local.get $at)) (i64.const 0x4141414141414141)) (then unreachable))
      (local.set $at (i64.add (local.get $at) (i64.const 8)))
      (br_if $read (i64.lt_u (local.get $at) (local.get $end))))
    ;; The guest keeps the block that it passes, and owns the one that it gets.
    (call $free (local.get $question))
    (call $free (local.get $answer))))
