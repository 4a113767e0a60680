//! Bulk instructions in chunks against the same instructions as they are.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use support::{Guest, Kernel, engine, outcome, rewrite, rewrite_in_small_chunks};
use wasmtime::{Engine, UpdateDeadline, Val};

/// Three memories of a page, the last of which is 64-bit, and the first of which has a maximum that is never small.
const GUEST: &str = r#"(module
  (memory (export "0") 1 9)
  (memory (export "1") 1)
  (memory (export "2") i64 1)
  (func (export "fill0") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill2") (param i64 i32 i64) (memory.fill 2 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy00") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy01") (param i32 i32 i32) (memory.copy 0 1 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy02") (param i32 i64 i32) (memory.copy 0 2 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy20") (param i64 i32 i32) (memory.copy 2 0 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy22") (param i64 i64 i64) (memory.copy 2 2 (local.get 0) (local.get 1) (local.get 2)))
)"#;

/// A guest whose memories have bytes that differ.
fn guest(mut guest: Guest) -> Guest {
    for (name, factor) in [("0", 0x9e37_79b1_u32), ("1", 0x85eb_ca77), ("2", 0xc2b2_ae3d)] {
        for (at, byte) in (1..).zip(guest.memory(name)) {
            *byte = factor.wrapping_mul(at).to_be_bytes()[0];
        }
    }
    guest
}

/// The values as the export's parameters want them.
fn arguments(guest: &mut Guest, name: &str, values: [i64; 3]) -> Vec<Val> {
    let ty = guest.instance.get_func(&mut guest.store, name).unwrap().ty(&guest.store);
    ty.params()
        .zip(values)
        .map(|(ty, value)| if ty.is_i32() { Val::I32(value as i32) } else { Val::I64(value) })
        .collect()
}

/// Runs the same in both, and compares results and memories.
fn compare(wat: &str, name: &str, values: &[[i64; 3]]) {
    let engine = engine();
    let wasm = wat::parse_str(wat).unwrap();
    let kernel = Kernel::new(0, 0, 0);
    let mut original = guest(Guest::original(&engine, &wasm, &kernel).unwrap());
    let mut rewritten = guest(Guest::rewritten(&engine, &rewrite_in_small_chunks(&wasm), &kernel).unwrap());
    for values in values {
        let arguments = arguments(&mut original, name, *values);
        let expected = outcome(original.call_with(name, &arguments));
        assert_eq!(outcome(rewritten.call_with(name, &arguments)), expected, "{name}{values:?}");
        for memory in ["0", "1", "2"] {
            assert!(rewritten.memory(memory) == original.memory(memory), "{name}{values:?}: memory {memory}");
        }
    }
}

/// Lengths around multiples of a chunk, which has 16 bytes.
const LENGTHS: [i64; 12] = [0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 100, 1000];
const PAGE: i64 = 1 << 16;

#[test]
fn fills() {
    let mut values = Vec::new();
    for len in LENGTHS {
        for start in [0, 5, PAGE - len - 1, PAGE - len, PAGE - len + 1, PAGE, PAGE + 1, -1] {
            values.push([start, 0x1234 + len, len]);
        }
    }
    values.extend([[0, 7, PAGE], [0, 7, PAGE + 1], [1, 7, PAGE], [100, 7, -1], [-100, 7, 200], [0, 7, -1]]);
    compare(GUEST, "fill0", &values);
    compare(GUEST, "fill2", &values);
    compare(GUEST, "fill2", &[[1 << 32, 7, 100], [0, 7, 1 << 32], [i64::MIN, 7, i64::MIN], [-16, 7, 17]]);
}

#[test]
fn copies() {
    let mut values = Vec::new();
    for len in LENGTHS {
        // Apart, next to each other, and overlapping either way, by more and by less than a chunk.
        for distance in [0, 1, 7, 15, 16, 17, 32, 40, len - 1, len, len + 1, 2000] {
            values.extend([[3000, 3000 + distance, len], [3000 + distance, 3000, len]]);
        }
        for edge in [PAGE - len - 1, PAGE - len, PAGE - len + 1, PAGE, PAGE + 1, -1, -len] {
            values.extend([[edge, 10, len], [10, edge, len], [edge, edge, len]]);
        }
    }
    values.extend([[0, 0, PAGE], [0, 1, PAGE - 1], [1, 0, PAGE - 1], [1, 0, PAGE], [0, 1, PAGE], [9, 8, -1]]);
    for name in ["copy00", "copy01", "copy02", "copy20", "copy22"] {
        compare(GUEST, name, &values);
    }
    compare(
        GUEST,
        "copy22",
        &[[1 << 32, 0, 100], [0, 1 << 32, 100], [0, 8, 1 << 32], [-16, 0, 17], [0, -16, 17]],
    );
}

#[test]
fn two_imports_may_be_the_same_memory() {
    use wasmtime::{Instance, Memory, MemoryType, Module, Store};
    let wasm = wat::parse_str(
        r#"(module (import "" "a" (memory 1)) (import "" "b" (memory 1))
          (func (export "copy") (param i32 i32 i32) (memory.copy 0 1 (local.get 0) (local.get 1) (local.get 2))))"#,
    )
    .unwrap();
    let engine = engine();
    for (to, from) in [(100, 130), (130, 100)] {
        let [expected, actual] = [wasm.clone(), rewrite_in_small_chunks(&wasm).wasm].map(|wasm| {
            let mut store = Store::new(&engine, ());
            let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
            for (at, byte) in (1_u32..).zip(memory.data_mut(&mut store)) {
                *byte = at.wrapping_mul(0x9e37_79b1).to_be_bytes()[0];
            }
            let module = Module::new(&engine, wasm).unwrap();
            let instance = Instance::new(&mut store, &module, &[memory.into(), memory.into()]).unwrap();
            let copy = instance.get_typed_func::<(i32, i32, i32), ()>(&mut store, "copy").unwrap();
            copy.call(&mut store, (to, from, 200)).unwrap();
            memory.data(&store).to_vec()
        });
        assert!(expected == actual, "{from} to {to}");
    }
}

#[test]
fn functions_with_all_the_locals_there_can_be() {
    let locals = "i64 ".repeat(49_997);
    let full = GUEST.replace("(memory.", &format!("(local {locals})\n(memory."));
    compare(&full, "fill0", &[[10, 5, 100], [10, 5, 16], [10, 5, PAGE]]);
    compare(&full, "copy22", &[[10, 50, 100], [50, 10, 100], [10, 50, PAGE]]);
}

/// How often the engine looks whether to interrupt while it runs `call` on 9 MiB of memory.
fn looks(body: &str) -> usize {
    let mut config = support::config();
    config.epoch_interruption(true);
    let engine = Engine::new(&config).unwrap();
    let wasm =
        wat::parse_str(format!(r#"(module (memory (export "memory") 144) (func (export "run") {body}))"#))
            .unwrap();
    let rewritten = rewrite(&wasm);
    let mut guest = Guest::rewritten(&engine, &rewritten, &Kernel::new(0, 0, 0)).unwrap();
    guest.store.epoch_deadline_callback(|mut state| {
        state.data_mut().calls.push(String::new());
        Ok(UpdateDeadline::Continue(0))
    });
    guest.store.set_epoch_deadline(0);
    guest.call("run").unwrap();
    guest.store.data().calls.len()
}

#[test]
fn long_ones_can_be_interrupted() {
    let short = looks("(memory.fill (i32.const 0) (i32.const 1) (i32.const 4194304))");
    for long in [
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const 9437184))",
        "(memory.copy (i32.const 0) (i32.const 1) (i32.const 9437183))",
        "(memory.copy (i32.const 1) (i32.const 0) (i32.const 9437183))",
    ] {
        // At least at the start of what is added, and before each chunk but the last.
        assert!(looks(long) >= short + 3, "{long}");
    }
}

#[test]
fn what_is_never_long_stays_as_it_is() {
    for (wat, added) in [
        ("(memory 1 64) (func (memory.fill (i32.const 0) (i32.const 0) (memory.size)))", 0),
        ("(memory 1 65) (func (memory.fill (i32.const 0) (i32.const 0) (memory.size)))", 1),
        ("(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 4194304)))", 0),
        ("(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 4194305)))", 1),
        ("(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const -1)))", 1),
        ("(memory i64 1) (func (memory.fill (i64.const 0) (i32.const 0) (i64.const 4194304)))", 0),
        ("(memory i64 1) (func (memory.fill (i64.const 0) (i32.const 0) (i64.const -1)))", 1),
        ("(memory 1) (memory 1 1) (func (memory.copy 0 1 (i32.const 0) (i32.const 0) (memory.size)))", 0),
        ("(memory 1 99 shared) (func (memory.fill (i32.const 0) (i32.const 0) (memory.size)))", 0),
    ] {
        let wasm = wat::parse_str(format!("(module {wat})")).unwrap();
        let functions =
            wasmparser::Parser::new(0).parse_all(&rewrite(&wasm).wasm).fold(0, |found, payload| {
                found + usize::from(matches!(payload.unwrap(), wasmparser::Payload::CodeSectionEntry(_)))
            });
        assert_eq!(functions - 1, added, "{wat}");
    }
}
