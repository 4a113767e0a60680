;; Takes as much memory as there is, in several ways. Needs a limit.
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "memory_bytes" (func $memory_bytes (result i64)))
  (memory 1)

  ;; Grows page by page until that is refused, and copes: success. Fails with 1 when it got more than
  ;; 64 pages (4 MiB).
  (func (export "grow_and_cope") (result i32)
    (block $refused
      (loop $next
        (br_if $refused (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
        (br_if $next (i32.le_u (memory.size) (i32.const 64)))))
    (i32.gt_u (memory.size) (i32.const 64)))

  ;; Grows page by page until that is refused, then traps as a language's allocator would: the error
  ;; says that the memory is short.
  (func (export "grow_and_trap") (result i32)
    (loop $next
      (br_if $next (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (unreachable))

  ;; Asks for everything at once, then traps.
  (func (export "grow_at_once") (result i32)
    (if (i32.eq (memory.grow (i32.const 0xffff)) (i32.const -1)) (then (unreachable)))
    (i32.const 0))

  ;; Allocates kernel memory until that is refused, and copes. Fails with 1 when it got more than
  ;; 4 MiB, 2 when the kernel memory is larger than that.
  (func (export "alloc_and_cope") (result i32)
    (local $got i64)
    (block $refused
      (loop $next
        (br_if $refused (i64.eqz (call $alloc (i64.const 0x1_0000))))
        (local.set $got (i64.add (local.get $got) (i64.const 0x1_0000)))
        (br_if $next (i64.le_u (local.get $got) (i64.const 0x40_0000)))))
    (if (i64.gt_u (local.get $got) (i64.const 0x40_0000)) (then (return (i32.const 1))))
    (if (i64.gt_u (call $memory_bytes) (i64.const 0x40_0000)) (then (return (i32.const 2))))
    (i32.const 0))

  ;; The same in blocks of one byte, which need the most book-keeping.
  (func (export "alloc_bytes_and_cope") (result i32)
    (local $blocks i64)
    (block $refused
      (loop $next
        (br_if $refused (i64.eqz (call $alloc (i64.const 1))))
        (local.set $blocks (i64.add (local.get $blocks) (i64.const 1)))
        (br_if $next (i64.le_u (local.get $blocks) (i64.const 0x40_0000)))))
    (i64.gt_u (local.get $blocks) (i64.const 0x40_0000)))

  ;; Allocates kernel memory until that is refused, then traps.
  (func (export "alloc_and_trap") (result i32)
    (loop $next
      (br_if $next (i64.ne (call $alloc (i64.const 0x1_0000)) (i64.const 0))))
    (unreachable))

  ;; Both together: the limit is one for all memories. Fails with 1 when the two together got more
  ;; than 64 pages.
  (func (export "both_and_cope") (result i32)
    (block $refused
      (loop $next
        (br_if $refused (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
        (br_if $refused (i64.eqz (call $alloc (i64.const 0x8000))))
        (br_if $next (i32.le_u (memory.size) (i32.const 64)))))
    (i64.gt_u
      (i64.add
        (i64.mul (i64.extend_i32_u (memory.size)) (i64.const 0x1_0000))
        (call $memory_bytes))
      (i64.const 0x40_0000)))

  (func (export "fine") (result i32) (i32.const 0)))
