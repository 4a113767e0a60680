;; Follows a script: the input is a list of steps, each an operation (1 byte), the lengths of two arguments (4 bytes each, little-endian)
;; and the arguments. The output has each reply after its length (4 bytes).
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input (param i64) (result i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/user" "sql_query" (func $query (param i64 i64) (result i64)))
  (import "extism:host/user" "sql_execute" (func $execute (param i64 i64) (result i64)))
  (import "extism:host/user" "sql_begin" (func $begin (result i64)))
  (import "extism:host/user" "sql_commit" (func $commit (result i64)))
  (import "extism:host/user" "sql_rollback" (func $rollback (result i64)))
  ;; The offsets of replies, 8 bytes each.
  (memory 1)

  (func $u32 (param $at i64) (result i64)
    (i64.extend_i32_u
      (i32.or
        (i32.or (call $input (local.get $at))
                (i32.shl (call $input (i64.add (local.get $at) (i64.const 1))) (i32.const 8)))
        (i32.or (i32.shl (call $input (i64.add (local.get $at) (i64.const 2))) (i32.const 16))
                (i32.shl (call $input (i64.add (local.get $at) (i64.const 3))) (i32.const 24))))))

  ;; A block with a part of the input.
  (func $block (param $at i64) (param $len i64) (result i64)
    (local $block i64) (local $i i64)
    (local.set $block (call $alloc (local.get $len)))
    (block $done
      (loop $next
        (br_if $done (i64.ge_u (local.get $i) (local.get $len)))
        (call $store (i64.add (local.get $block) (local.get $i)) (call $input (i64.add (local.get $at) (local.get $i))))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $next)))
    (local.get $block))

  (func (export "run") (result i32)
    (local $at i64) (local $op i32) (local $first i64) (local $second i64) (local $len i64)
    (local $replies i32) (local $i i32) (local $total i64) (local $out i64) (local $to i64) (local $from i64)
    (block $end
      (loop $step
        (br_if $end (i64.ge_u (local.get $at) (call $input_length)))
        (local.set $op (call $input (local.get $at)))
        (local.set $first (call $u32 (i64.add (local.get $at) (i64.const 1))))
        (local.set $second (call $u32 (i64.add (local.get $at) (i64.const 5))))
        (local.set $at (i64.add (local.get $at) (i64.const 9)))
        (local.set $len (local.get $first))
        (local.set $first (call $block (local.get $at) (local.get $len)))
        (local.set $at (i64.add (local.get $at) (local.get $len)))
        (local.set $len (local.get $second))
        (local.set $second (call $block (local.get $at) (local.get $len)))
        (local.set $at (i64.add (local.get $at) (local.get $len)))
        (if (i32.eq (local.get $op) (i32.const 120)) (then unreachable))                     ;; x: trap
        (if (i32.eq (local.get $op) (i32.const 102)) (then (return (i32.const 7))))          ;; f: fail
        (if (i32.eq (local.get $op) (i32.const 108)) (then (loop $ever (br $ever))))         ;; l: loop
        (i64.store (i32.mul (local.get $replies) (i32.const 8))
          (if (result i64) (i32.eq (local.get $op) (i32.const 113))                          ;; q: query
            (then (call $query (local.get $first) (local.get $second)))
            (else (if (result i64) (i32.eq (local.get $op) (i32.const 101))                  ;; e: execute
              (then (call $execute (local.get $first) (local.get $second)))
              (else (if (result i64) (i32.eq (local.get $op) (i32.const 98))                 ;; b: begin
                (then (call $begin))
                (else (if (result i64) (i32.eq (local.get $op) (i32.const 99))               ;; c: commit
                  (then (call $commit))
                  (else (call $rollback))))))))))
        (local.set $total
          (i64.add (local.get $total)
            (i64.add (i64.const 4) (call $length (i64.load (i32.mul (local.get $replies) (i32.const 8)))))))
        (local.set $replies (i32.add (local.get $replies) (i32.const 1)))
        (br $step)))
    (local.set $out (call $alloc (local.get $total)))
    (local.set $to (local.get $out))
    (block $written
      (loop $reply
        (br_if $written (i32.ge_u (local.get $i) (local.get $replies)))
        (local.set $from (i64.load (i32.mul (local.get $i) (i32.const 8))))
        (local.set $len (call $length (local.get $from)))
        (call $store (local.get $to) (i32.wrap_i64 (local.get $len)))
        (call $store (i64.add (local.get $to) (i64.const 1)) (i32.wrap_i64 (i64.shr_u (local.get $len) (i64.const 8))))
        (call $store (i64.add (local.get $to) (i64.const 2)) (i32.wrap_i64 (i64.shr_u (local.get $len) (i64.const 16))))
        (call $store (i64.add (local.get $to) (i64.const 3)) (i32.wrap_i64 (i64.shr_u (local.get $len) (i64.const 24))))
        (local.set $to (i64.add (local.get $to) (i64.const 4)))
        (block $copied
          (loop $byte
            (br_if $copied (i64.eqz (local.get $len)))
            (call $store (local.get $to) (call $load (local.get $from)))
            (local.set $to (i64.add (local.get $to) (i64.const 1)))
            (local.set $from (i64.add (local.get $from) (i64.const 1)))
            (local.set $len (i64.sub (local.get $len) (i64.const 1)))
            (br $byte)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $reply)))
    (call $output (local.get $out) (local.get $total))
    (i32.const 0)))
