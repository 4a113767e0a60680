//! Modules with pages in reserve against the same modules without.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use plugwright_rewrite::{Options, Rewritten};
use support::{Guest, Kernel, engine, outcome};
use wasmtime::Val;

const RESERVE: u32 = 4;

fn rewrite(wat: &str) -> Rewritten {
    Options::default().reserve_pages(RESERVE).rewrite(&wat::parse_str(wat).unwrap()).unwrap()
}

/// A guest that asks for memory, and says how much it has, in whichever way there is.
fn guest(limits: &str) -> String {
    format!(
        r#"(module
          (type $grow (func (param i32) (result i32)))
          (memory (export "memory") {limits})
          (table funcref (elem $by_table))
          (data (i32.const 65530) "behind")
          (func $by_table (type $grow) (memory.grow (local.get 0)))
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "grow_by_table") (param i32) (result i32)
            (call_indirect (type $grow) (local.get 0) (i32.const 0)))
          (func (export "size") (param i32) (result i32) (memory.size))
          (func (export "last_byte") (param i32) (result i32)
            (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)) (local.get 0))
            (i32.load8_u (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1))))
          (func (export "fill") (param i32) (result i32)
            (memory.fill (i32.const 65536) (local.get 0) (i32.mul (i32.sub (memory.size) (i32.const 1)) (i32.const 65536)))
            (i32.const 0)))"#
    )
}

/// Calls the same in both, and compares what they answer and what their memories hold. 256 MiB are the most that either gets.
fn compare(limits: &str, calls: &[(&str, u32)]) {
    let engine = engine();
    let kernel = Kernel::new(0, 0, 0);
    let wat = guest(limits);
    let mut original = Guest::original(&engine, &wat::parse_str(&wat).unwrap(), &kernel).unwrap();
    let mut rewritten = Guest::rewritten(&engine, &rewrite(&wat), &kernel).unwrap();
    for (name, argument) in calls {
        let argument = [Val::I32(argument.cast_signed())];
        let expected = outcome(original.call_with(name, &argument));
        assert_eq!(outcome(rewritten.call_with(name, &argument)), expected, "{limits}: {name}{argument:?}");
        let known = original.memory("memory").len();
        assert!(
            rewritten.memory("memory")[..known] == *original.memory("memory"),
            "{limits}: {name}{argument:?}"
        );
        assert!(
            rewritten.memory("memory")[known..].iter().all(|byte| *byte == 0),
            "{limits}: {name}{argument:?}"
        );
    }
}

#[test]
fn a_guest_sees_the_size_that_it_asked_for() {
    let grow = |by: &[u32]| {
        let mut calls = vec![("size", 0), ("last_byte", 7)];
        for pages in by {
            calls.extend([
                ("grow", *pages),
                ("size", 0),
                ("last_byte", 9),
                ("fill", *pages),
                ("grow_by_table", 0),
            ]);
        }
        calls
    };
    for limits in ["1", "1 100", "2", "1 5", "17 1000"] {
        for by in [
            &[1, 1, 1, 1, 1, 1][..],
            &[4, 1],
            &[5, 1],
            &[3, 2, 3],
            &[0, 4, 0, 1],
            &[7],
            &[60, 40, 1],
            // More than there is, and more than there can be: refused, and nothing is lost by it.
            &[2, 5000, 2, 1],
            &[2, 65_536, 2, 65_535, 1],
            &[2, u32::MAX, 2, u32::MAX - 2, 1 << 31, 1],
        ] {
            compare(limits, &grow(by));
        }
    }
}

#[test]
fn memories_that_get_no_reserve() {
    let grow = "(func (export \"f\") (result i32) (memory.grow (i32.const 1)))";
    for module in [
        // Nothing asks for more, or for more of another memory.
        "(module (memory 1) (func (drop (memory.size))))".to_owned(),
        "(module (memory 1) (memory 1) (func (drop (memory.grow 1 (i32.const 1)))))".to_owned(),
        // It may not become so large.
        format!("(module (memory 1 4) {grow})"),
        format!("(module (memory 65535) {grow})"),
        // It is another's, or of another kind.
        format!("(module (import \"m\" \"m\" (memory 1)) {grow})"),
        format!("(module (memory 1 9 shared) {grow})"),
        "(module (memory i64 1) (func (drop (memory.grow (i64.const 1)))))".to_owned(),
        "(module (memory 1 (pagesize 1)) (func (drop (memory.grow (i32.const 1)))))".to_owned(),
        "(module)".to_owned(),
    ] {
        assert_eq!(rewrite(&module).reserve_pages, 0, "{module}");
    }
    assert_eq!(rewrite(&format!("(module (memory 1 5) {grow})")).reserve_pages, RESERVE);
}

#[test]
fn without_a_reserve_the_guest_traps_right_behind_its_memory() {
    let touch = "(func (export \"f\") (result i32) (drop (memory.size)) (i32.load8_u (i32.const 65536)))";
    let never_grows = rewrite(&format!("(module (memory (export \"memory\") 1) {touch})"));
    let mut guest = Guest::rewritten(&engine(), &never_grows, &Kernel::new(0, 0, 0)).unwrap();
    assert_eq!(outcome(guest.call("f")), "trap: wasm trap: out of bounds memory access");
}

#[test]
fn in_functions_with_no_room_for_more_locals() {
    let wat = format!(
        r#"(module
          (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
          (memory (export "memory") 1)
          (func (export "f") (result i32) (local {locals})
            (drop (call $load (i64.const 0)))
            (drop (memory.grow (i32.const 2)))
            (memory.size)))"#,
        locals = "i32 ".repeat(50_000)
    );
    let mut guest = Guest::rewritten(&engine(), &rewrite(&wat), &Kernel::new(8, 0, 0)).unwrap();
    assert_eq!(outcome(guest.call("f")), "I32(3)");
    assert_eq!(guest.memory("memory").len(), 5 << 16);
}
