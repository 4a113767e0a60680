//! Offsets in the rewritten module lead back to the original.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use plugwright_rewrite::{Error, OffsetMap, Rewritten};
use support::{Guest, Kernel, engine, rewrite, rewrite_in_small_chunks};
use wasmparser::{Operator, Parser, Payload};
use wasmtime::WasmBacktrace;

const GUEST: &str = r#"(module
  (import "extism:host/env" "load_u64" (func $load (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "plugwright:host/mem" "read" (func $read (param i32 i64 i64)))
  (memory (export "memory") 1)
  (func $untouched (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "before") (local i64) unreachable (drop (call $load (i64.const 1))))
  (func (export "after") (call $store (i64.const 1) (call $load (i64.const 1))) unreachable)
  (func (export "between") (result i64)
    (call $store (i64.const 1) (call $load (i64.const 1)))
    (drop (call $untouched (i32.const 0)))
    (call $load (i64.const 1)))
  (func (export "fill") (memory.fill (i32.const 60000) (i32.const 1) (i32.load (i32.const 0))))
  (func (export "read") (call $read (i32.const -1) (i64.const 0) (i64.const 8)))
  (func (export "host") (call $read (i32.const 0) (i64.const -1) (i64.const 8)))
  (func (export "last") (drop (call $load (i64.const 1))) (drop (call $untouched (i32.const 0))))
  (data (i32.const 0) "\ff\ff\00\00")
)"#;

/// Where the frames of the trap of `export` are in the module.
fn frames(guest: &mut Guest, export: &str) -> Vec<u64> {
    let error = guest.call(export).unwrap_err();
    let trace = error.downcast_ref::<WasmBacktrace>().unwrap();
    trace.frames().iter().map(|frame| frame.module_offset().unwrap() as u64).collect()
}

#[test]
fn traps() {
    let engine = engine();
    let wasm = wat::parse_str(GUEST).unwrap();
    let kernel = Kernel::new(100, 0, 0);
    for rewritten in [rewrite(&wasm), rewrite_in_small_chunks(&wasm)] {
        for export in ["divide", "before", "after", "between", "fill", "read", "host", "last"] {
            let mut original = Guest::original(&engine, &wasm, &kernel).unwrap();
            let mut guest = Guest::rewritten(&engine, &rewritten, &kernel).unwrap();
            let expected = frames(&mut original, export);
            let actual = frames(&mut guest, export);
            assert!(!expected.is_empty(), "{export}");
            let actual: Vec<_> =
                actual.into_iter().map(|offset| rewritten.offsets.original(offset).unwrap()).collect();
            assert_eq!(actual, expected, "{export}");
        }
    }
}

/// The instructions of all functions with their offsets.
fn instructions(wasm: &[u8]) -> Vec<(String, u64)> {
    Parser::new(0)
        .parse_all(wasm)
        .filter_map(|payload| match payload.unwrap() {
            Payload::CodeSectionEntry(body) => {
                Some(body.get_operators_reader().unwrap().into_iter_with_offsets())
            }
            _ => None,
        })
        .flatten()
        .map(|instruction| {
            let (instruction, offset): (Operator<'_>, usize) = instruction.unwrap();
            (format!("{instruction:?}"), offset as u64)
        })
        .collect()
}

/// Every instruction that the original has where its offset leads to is the same one, or replaces it.
fn check(wasm: &[u8], rewritten: &Rewritten) {
    let original = instructions(wasm);
    let mut seen = 0;
    for (instruction, offset) in instructions(&rewritten.wasm) {
        let Some(mapped) = rewritten.offsets.original(offset) else {
            continue;
        };
        let at = original.binary_search_by_key(&mapped, |(_, offset)| *offset).unwrap();
        assert!(at == seen || at == seen + 1 || seen == 0, "{instruction} at {offset} leads to {mapped}");
        seen = at;
        let call = original[at].0.starts_with("Call");
        let bulk = original[at].0.starts_with("Memory");
        assert!(
            original[at].0 == instruction || call || bulk,
            "{instruction} at {offset} leads to {:?}",
            original[at]
        );
    }
    assert_eq!(seen, original.len() - 1, "the last instruction is missing");
}

#[test]
fn all_instructions() {
    let wasm = wat::parse_str(GUEST).unwrap();
    check(&wasm, &rewrite(&wasm));
    check(&wasm, &rewrite_in_small_chunks(&wasm));
}

#[test]
fn what_is_not_the_originals_code_has_no_offset() {
    let wasm = wat::parse_str(GUEST).unwrap();
    let rewritten = rewrite_in_small_chunks(&wasm);
    let mut functions = u64::from(rewritten.first_added_function) - 3;
    for payload in Parser::new(0).parse_all(&rewritten.wasm) {
        if let Payload::CodeSectionEntry(body) = payload.unwrap() {
            let offset = body.range().start as u64;
            assert_eq!(rewritten.offsets.original(offset).is_some(), functions > 0, "at {offset}");
            functions = functions.saturating_sub(1);
        }
    }
    for offset in [0, 8, rewritten.wasm.len() as u64, u64::MAX] {
        assert_eq!(rewritten.offsets.original(offset), None);
    }
    let empty = rewrite(b"\0asm\x01\0\0\0");
    assert_eq!((empty.offsets.original(0), empty.offsets.code_start()), (None, 0));
}

#[test]
fn maps_are_stored() {
    let wasm = wat::parse_str(GUEST).unwrap();
    let map = rewrite(&wasm).offsets;
    let bytes = map.to_bytes();
    assert_eq!(OffsetMap::from_bytes(&bytes).unwrap(), map);
    for len in 0..bytes.len() {
        assert_eq!(OffsetMap::from_bytes(&bytes[..len]).unwrap_err(), Error::OffsetMap, "{len} bytes");
    }
    assert_eq!(OffsetMap::from_bytes(&[&bytes[..], &[0]].concat()).unwrap_err(), Error::OffsetMap);
    // Other bytes are a map or not, but are never taken for more than they are.
    for at in 0..bytes.len() {
        for value in [0, 2, 3, 0x7f, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] = value;
            if let Ok(map) = OffsetMap::from_bytes(&changed) {
                (0..2000).for_each(|offset| _ = map.original(offset));
            }
        }
    }
}
