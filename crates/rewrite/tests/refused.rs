//! What is not rewritten, and bytes that are nothing.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use plugwright_rewrite::{Error, MAX_MODULE_BYTES, rewrite};
use wasmparser::{Validator, WasmFeatures};

fn refused(wat: &str) -> Error {
    rewrite(&wat::parse_str(wat).unwrap()).unwrap_err()
}

#[test]
fn modules_that_are_not_valid() {
    for wat in [
        // Each would be valid with what is added.
        "(module (memory 1) (func (drop (memory.size 1))))",
        "(module (func (drop (i32.load (i32.const 0)))))",
        "(module (func (drop (global.get 0))))",
        "(module (export \"m\" (memory 0)))",
        "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (memory.size))) (func (call 2)))",
        "(module (func (result i32)))",
    ] {
        assert!(matches!(refused(wat), Error::Invalid { .. }), "{wat}");
    }
}

#[test]
fn components() {
    assert_eq!(refused("(component)"), Error::Component);
    assert_eq!(refused("(component (core module))"), Error::Component);
}

#[test]
fn modules_with_our_names() {
    for name in ["memory", "start", "whatever", ""] {
        let name = format!("plugwright:kernel/{name}");
        let wat = format!("(module (func (export \"f\")) (func (export \"{name}\")))");
        assert_eq!(refused(&wat), Error::ReservedExport { name });
    }
}

#[test]
fn modules_that_are_too_large() {
    let wasm = vec![0; MAX_MODULE_BYTES + 1];
    assert!(matches!(rewrite(&wasm), Err(Error::TooLarge { max: MAX_MODULE_BYTES, .. })));
    // One function with as many bulk instructions as fit in it: nothing is left for what goes before them.
    let fills = "memory.fill ".repeat(600_000);
    let wat = format!("(module (memory 1) (func unreachable {fills}))");
    assert!(matches!(refused(&wat), Error::TooLarge { what: "bytes in one function", .. }));
}

#[test]
fn modules_that_are_full() {
    let memories = "(memory 0)".repeat(100);
    assert!(matches!(refused(&format!("(module {memories})")), Error::NoRoom { .. }));
    let memories = "(memory 0)".repeat(99);
    assert!(rewrite(&wat::parse_str(format!("(module {memories})")).unwrap()).is_ok());
}

#[test]
fn calls_stay_calls_where_there_are_too_many() {
    let load = r#"(import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))"#;
    let calls = "(drop (call $load (i64.const 0)))".repeat(2000);
    let wasm = wat::parse_str(format!("(module {load} (func {calls}))")).unwrap();
    let rewritten = rewrite(&wasm).unwrap();
    Validator::new().validate_all(&rewritten.wasm).unwrap();
    assert!(rewritten.wasm.len() < wasm.len() + 40_000, "{} bytes", rewritten.wasm.len());
    let locals = "i64 ".repeat(50_000);
    let wasm =
        wat::parse_str(format!("(module {load} (func (local {locals}) (drop (call $load (i64.const 0)))))"))
            .unwrap();
    Validator::new().validate_all(&rewrite(&wasm).unwrap().wasm).unwrap();
}

#[test]
fn imports_with_other_types_or_without_a_memory_are_left_alone() {
    for wat in [
        r#"(module (import "extism:host/env" "load_u8" (func $f (param i32) (result i32))) (func (drop (call $f (i32.const 0)))))"#,
        r#"(module (import "env" "load_u8" (func $f (param i64) (result i32))) (func (drop (call $f (i64.const 0)))))"#,
        r#"(module (import "plugwright:host/mem" "read" (func $f (param i32 i64 i64)))
          (func (call $f (i32.const 0) (i64.const 0) (i64.const 0))))"#,
        r#"(module (import "plugwright:host/mem" "write" (func $f (param i64 i32 i64))) (memory i64 1)
          (func (call $f (i64.const 0) (i32.const 0) (i64.const 0))))"#,
    ] {
        let wasm = wat::parse_str(wat).unwrap();
        let rewritten = rewrite(&wasm).unwrap();
        let code = |wasm: &[u8]| {
            let payloads = wasmparser::Parser::new(0).parse_all(wasm);
            payloads
                .filter_map(|payload| match payload.unwrap() {
                    wasmparser::Payload::CodeSectionEntry(body) => Some(body.as_bytes().to_vec()),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(code(&wasm), code(&rewritten.wasm), "{wat}");
    }
}

/// Modules with most that there is, cut off and damaged: valid ones stay valid, all others are refused.
#[test]
fn damaged_modules() {
    let seeds = [
        r#"(module (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
          (import "plugwright:host/mem" "read" (func $read (param i32 i64 i64)))
          (memory 1) (memory i64 1) (global i32 (i32.const 0)) (table 1 funcref) (start $go)
          (func $go (local i32 i64) (call $store (i64.const 3) (i32.const 4)) (memory.fill (i32.const 0) (i32.const 0) (memory.size))
            (call $read (i32.const 0) (i64.const 1) (i64.const 2))
            (memory.copy 0 1 (i32.const 0) (i64.const 0) (local.get 0)))
          (elem (i32.const 0) $go) (data "abc") (export "go" (func $go)) (@custom "metadata.code.x" "y") (tag))"#,
        r#"(module (type (sub (struct (field i32)))) (rec (type (func)) (type (func (param i64)))) (func (type 1)))"#,
        "(module)",
        "(component (core module (func)))",
    ];
    let all = || Validator::new_with_features(WasmFeatures::all());
    for wat in seeds {
        let wasm = wat::parse_str(wat).unwrap();
        for at in 0..wasm.len() {
            let cut = &wasm[..at];
            assert_eq!(rewrite(cut).is_ok(), is_module(cut) && all().validate_all(cut).is_ok(), "{at} bytes");
            for value in
                [0, 1, 2, 5, 0x0b, 0x10, 0x40, 0x60, 0x7f, 0x80, 0xfc, 0xff, wasm[at] ^ 1, wasm[at] ^ 0x10]
            {
                let mut changed = wasm.clone();
                changed[at] = value;
                let valid = is_module(&changed) && all().validate_all(&changed).is_ok();
                match rewrite(&changed) {
                    Ok(rewritten) => {
                        assert!(valid, "byte {at} is {value}");
                        all().validate_all(&rewritten.wasm).unwrap();
                    }
                    Err(error) => assert!(!valid, "byte {at} is {value}: {error}"),
                }
            }
        }
    }
}

/// As opposed to a component.
fn is_module(wasm: &[u8]) -> bool {
    wasm.get(4..8) == Some(&[1, 0, 0, 0])
}
