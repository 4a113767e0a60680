;; Hazard 16: a plug-in that trapped.
;; Elsewhere it stays in its pool and fails for ever. Here the next call gets a fresh instance: globals
;; and memory are as at the start, variables are kept.
(module
  (memory 1)
  (global $calls (mut i32) (i32.const 0))

  ;; The number of calls of this instance so far, as the return code: it is 0 only on a fresh one.
  (func (export "calls_before") (result i32)
    (local $before i32)
    (local.set $before (global.get $calls))
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.get $before))

  ;; Leaves a mess behind and traps.
  (func (export "trap") (result i32)
    (global.set $calls (i32.const 1000))
    (i32.store (i32.const 0) (i32.const 1000))
    (unreachable))

  ;; The first word of this instance's memory: 0 when it is fresh.
  (func (export "first_word") (result i32) (i32.load (i32.const 0))))
