;; Writes to standard output and standard error, which go nowhere unless the host asks for them.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "\10\00\00\00\07\00\00\00") ;; 7 bytes at 16
  (data (i32.const 16) "to out\n")
  (data (i32.const 32) "\30\00\00\00\07\00\00\00") ;; 7 bytes at 48
  (data (i32.const 48) "to err\n")
  (data (i32.const 64) "\00\00\01\00\00\00\01\00") ;; the second page

  ;; One line each; whether the host takes them is the host's business.
  (func (export "write") (result i32)
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $fd_write (i32.const 2) (i32.const 32) (i32.const 1) (i32.const 8)))
    (i32.const 0))

  ;; Writes for ever, whatever the host says: the call ends at its deadline, and the host keeps no more
  ;; of it than it has room for.
  (func (export "write_for_ever") (result i32)
    (loop $next
      (drop (call $fd_write (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 8)))
      (br $next))
    (i32.const 0))

  ;; A file that is not open: refused, and the call goes on. Fails with 1 when it was taken.
  (func (export "write_to_nowhere") (result i32)
    (i32.eqz (call $fd_write (i32.const 99) (i32.const 0) (i32.const 1) (i32.const 8)))))
