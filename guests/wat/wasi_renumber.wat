;; Moves an open file to a number far beyond all others. A host whose table of open files has a place for each number
;; would take gigabytes for it. The input is the path of a file below the first pre-opened folder (open file 3).
;; Returns the WASI error number of the move, 0 if it worked, 1000 if the file could not be opened.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_renumber" (func $fd_renumber (param i32 i32) (result i32)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (memory (export "memory") 1)

  ;; Copies the path to 16 of this module's memory and returns its length.
  (func $path (result i32)
    (local $i i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (i32.wrap_i64 (call $input_length))))
        (i32.store8
          (i32.add (i32.const 16) (local.get $i))
          (call $input_load_u8 (i64.extend_i32_u (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.get $i))

  (func $move (param $to i32) (result i32)
    (if (call $path_open (i32.const 3) (i32.const 1) (i32.const 16) (call $path)
          (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0))
      (then (return (i32.const 1000))))
    (call $fd_renumber (i32.load (i32.const 0)) (local.get $to)))

  (func (export "move_far") (result i32) (call $move (i32.const 0x7fff_ffff)))
  (func (export "move_to_half") (result i32) (call $move (i32.const 0x4000_0000)))
  (func (export "move_below") (result i32) (call $move (i32.const -1))))
