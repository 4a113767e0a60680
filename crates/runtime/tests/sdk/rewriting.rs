//! What a rewrite must not change, and where plug-ins are not rewritten or not pooled.

use std::time::Duration;

use plugwright::{ErrorKind, Plugin, PluginSource, TrapKind};

use crate::support::{count, guest, plain};

/// Each case's own way, and not that of the environment.
fn both(wat: &str) -> [Plugin; 2] {
    [true, false].map(|rewrite| plain(wat).rewrite(rewrite).build().unwrap())
}

#[test]
fn what_the_rewrite_adds_is_not_shown() {
    let [rewritten, original] = both(r#"(module (func $start) (start $start) (func (export "run")))"#);
    assert_eq!(rewritten.exports(), original.exports());
    assert_eq!(rewritten.exports().len(), 1);
}

/// Or a guest could choose to be without the chunks that make long instructions obey deadlines.
#[test]
fn names_of_the_rewrite_in_a_guest_are_refused() {
    let wat = r#"(module
      (memory (export "plugwright:kernel/memory") 1)
      (func (export "run") (memory.fill (i32.const 0) (i32.const 0) (i32.const 9))))"#;
    let error = plain(wat).rewrite(true).build().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Compile);
    assert!(error.to_string().contains("plugwright:kernel/memory"), "{error}");
    plain(wat).rewrite(false).build().unwrap().call::<_, ()>("run", ()).unwrap();
}

#[test]
fn backtraces_name_the_same_places() {
    let wat = r#"(module
      (import "extism:host/env" "input_load_u64" (func $load (param i64) (result i64)))
      (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
      (memory 1)
      (func $inner (param i64)
        (call $store (i64.const 0) (call $load (local.get 0)))
        (memory.fill (i32.const 0) (i32.const 0) (i32.const 8))
        unreachable)
      (func $outer (export "run") (drop (call $load (i64.const 1))) (call $inner (i64.const 2))))"#;
    let [rewritten, original] = both(wat).map(|mut plugin| {
        let error = plugin.call::<_, ()>("run", "input").unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Trap(TrapKind::Unreachable));
        error.backtrace().unwrap().clone()
    });
    assert_eq!(rewritten, original);
    let names: Vec<_> = rewritten.frames().iter().map(|frame| frame.function.as_deref()).collect();
    assert_eq!(names, [Some("inner"), Some("outer")]);
}

#[test]
fn instances_beyond_the_pool_behave_like_those_in_it() {
    let compiled = guest("", "").compile().unwrap();
    let mut plugins: Vec<Plugin> = (0..1010).map(|_| compiled.instantiate().unwrap()).collect();
    for expected in 1..=2 {
        for plugin in &mut plugins {
            assert_eq!(count(plugin), expected);
        }
    }
    drop(plugins);
    assert_eq!(count(&mut compiled.instantiate().unwrap()), 1);
}

#[test]
fn a_plugin_runs_without_the_pool() {
    let mut plugin = guest("", "").pooling(false).build().unwrap();
    assert_eq!(count(&mut plugin), 1);
    let code = guest("", "").precompile().unwrap();
    let source = PluginSource::trusted_compiled_code(code);
    assert_eq!(count(&mut Plugin::builder(source).pooling(false).build().unwrap()), 1);
}

#[test]
fn a_guest_that_does_not_fit_the_pool_runs() {
    for declarations in
        ["(memory i64 1)", "(table 1 funcref) (table 1 funcref) (table 1 funcref)", "(memory 1) (memory 1)"]
    {
        let wat = format!(r#"(module {declarations} (func (export "run")))"#);
        for mut plugin in both(&wat) {
            plugin.call::<_, ()>("run", ()).unwrap();
        }
    }
}

#[test]
fn compiled_code_keeps_lines_and_start_functions() {
    let wat = r#"(module
      (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
      (import "extism:host/env" "length" (func $length (param i64) (result i64)))
      (global $block (mut i64) (i64.const 0))
      (func $begin (global.set $block (call $alloc (i64.const 40))))
      (start $begin)
      (func $fail (export "run") (result i32)
        (if (i64.eq (call $length (global.get $block)) (i64.const 40)) (then unreachable))
        (i32.const 1)))"#;
    let code = plain(wat).precompile().unwrap();
    let mut plugin = Plugin::builder(PluginSource::trusted_compiled_code(code)).build().unwrap();
    let error = plugin.call::<_, ()>("run", ()).unwrap_err();
    let mut direct = plain(wat).build().unwrap();
    assert_eq!(error.backtrace(), direct.call::<_, ()>("run", ()).unwrap_err().backtrace());
    assert_eq!(error.kind(), &ErrorKind::Trap(TrapKind::Unreachable));
}

#[test]
fn long_bulk_instructions_are_interrupted() {
    let mut plugin = plain(
        r#"(module (memory 65000)
             (func (export "fill")
               (loop $again
                 (memory.fill (i32.const 0) (i32.const 1) (i32.const 4000000000))
                 (memory.copy (i32.const 0) (i32.const 8) (i32.const 4000000000))
                 (br $again)))
             (func (export "once") (memory.fill (i32.const 0) (i32.const 1) (i32.const 4000000000))))"#,
    )
    .timeout(Duration::from_millis(30))
    .rewrite(true)
    .build()
    .unwrap();
    // `once` has no loop of its own: only the chunks can be interrupted.
    for function in ["fill", "once"] {
        assert_eq!(plugin.call::<_, ()>(function, ()).unwrap_err().kind(), &ErrorKind::Timeout);
    }
}

const BULK: &str = r#"(module
  (import "extism:host/env" "input_offset" (func $in (result i64)))
  (import "extism:host/env" "input_length" (func $in_length (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $out (param i64 i64)))
  (import "plugwright:host/mem" "read" (func $read (param i32 i64 i64)))
  (import "plugwright:host/mem" "write" (func $write (param i64 i32 i64)))
  (memory (export "memory") 200)
  (func (export "copy") (local $block i64)
    (call $read (i32.const 100) (call $in) (call $in_length))
    (local.set $block (call $alloc (call $in_length)))
    (call $write (local.get $block) (i32.const 100) (call $in_length))
    (call $out (local.get $block) (call $in_length)))
  (func (export "read_too_much") (call $read (i32.const 0) (call $in) (i64.const 1000000)))
  (func (export "read_far") (call $read (i32.const 0) (i64.const 0xffff_ffff_ffff_ffff) (i64.const 2)))
  (func (export "write_too_much") (call $write (call $in) (i32.const 0) (i64.const 1000000)))
  (func (export "write_wraps") (call $write (i64.const 16) (i32.const 0) (i64.const 0xffff_ffff_ffff_ffff)))
  (func (export "own_overrun") (call $read (i32.const 13107198) (call $in) (i64.const 4)))
  (func (export "nothing") (call $read (i32.const 0) (i64.const 0xffff_ffff) (i64.const 0))))"#;

#[test]
fn bulk_copies_copy() {
    for mut plugin in both(BULK) {
        for len in [0, 1, 8, 100_000, 9_000_000] {
            let input: Vec<u8> = (0..len).map(|index: u32| (index % 251) as u8).collect();
            assert!(plugin.call::<_, &[u8]>("copy", &input).unwrap() == input, "{len} bytes");
        }
        plugin.call::<_, ()>("nothing", "input").unwrap();
    }
}

#[test]
fn bulk_copies_outside_of_a_memory_are_errors() {
    for mut plugin in both(BULK) {
        for function in ["read_too_much", "read_far", "write_too_much", "write_wraps"] {
            let error = plugin.call::<_, ()>(function, "input").unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Contract, "{function}: {error}");
        }
        let error = plugin.call::<_, ()>("own_overrun", "input").unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Trap(TrapKind::MemoryOutOfBounds));
    }
}

/// Nothing above 4 MiB is in bounds at the start of a call, so that what lies there cannot have been touched.
#[test]
fn what_a_call_left_above_four_mebibytes_is_gone_in_the_next() {
    let wat = r#"(module
      (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
      (import "extism:host/env" "memory_bytes" (func $bytes (result i64)))
      (import "extism:host/env" "load_u64" (func $load (param i64) (result i64)))
      (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
      (func (export "big") (result i32)
        (drop (call $alloc (i64.const 33554432)))
        (call $store (i64.const 30000000) (i64.const 7))
        (i64.ne (call $load (i64.const 30000000)) (i64.const 7)))
      (func (export "small") (result i32)
        (drop (call $alloc (i64.const 8)))
        (call $store (i64.const 30000000) (i64.const 9))
        (i32.or
          (i64.ne (call $bytes) (i64.const 4194304))
          (i64.ne (call $load (i64.const 30000000)) (i64.const 0)))))"#;
    for mut plugin in both(wat) {
        for function in ["big", "small", "small", "big", "small"] {
            plugin.call::<_, ()>(function, ()).unwrap();
        }
    }
}
