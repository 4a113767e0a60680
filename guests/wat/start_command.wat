;; A WASI command: each call of `_start` runs on an instance of its own, so that what the
;; previous run left behind is gone. It writes "run 1" and a newline to its standard output.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\06\00\00\00") ;; one buffer: 6 bytes at 16
  (data (i32.const 16) "run 0\n")

  (func (export "_start")
    ;; The digit counts the runs in this memory; in a fresh instance it becomes 1.
    (i32.store8 (i32.const 20) (i32.add (i32.load8_u (i32.const 20)) (i32.const 1)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $proc_exit (i32.const 0)))

  ;; Not a command: runs on an instance like any other export, and `_start` does not run before it.
  (func (export "count") (result i32)
    (i32.sub (i32.load8_u (i32.const 20)) (i32.const 0x30))))
