;; Opens files relative to the first pre-opened folder (open file 3). The input is the path. Returns
;; 0 when that worked, else the WASI error number (44: no such file, 76: not permitted, 69: read-only,
;; 63: permission denied, 8: no such folder).
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
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

  ;; For reading: the right fd_read (bit 1). Follows symbolic links (look-up flag 1).
  (func (export "open_to_read") (result i32)
    (call $path_open (i32.const 3) (i32.const 1) (i32.const 16) (call $path)
      (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0)))

  ;; For writing: creates it when it is missing (open flag 1), right fd_write (bit 6).
  (func (export "create") (result i32)
    (call $path_open (i32.const 3) (i32.const 1) (i32.const 16) (call $path)
      (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 0))))
