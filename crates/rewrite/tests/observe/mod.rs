//! Makes modules, and compares what can be seen of them, as they are and rewritten.

use wasm_smith::{Config, Module};
use wasmtime::{Engine, ExternType, Val, ValType};

use crate::support::{Guest, Kernel, outcome, rewrite, rewrite_in_small_chunks};

/// What generated modules may import: all that is replaced, twice with another type, and something else.
const IMPORTS: &str = r#"(module
  (import "extism:host/env" "load_u8" (func (param i64) (result i32)))
  (import "extism:host/env" "load_u64" (func (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func (param i64 i32)))
  (import "extism:host/env" "store_u64" (func (param i64 i64)))
  (import "extism:host/env" "input_load_u8" (func (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func (param i64) (result i64)))
  (import "extism:host/env" "input_length" (func (result i64)))
  (import "extism:host/env" "input_offset" (func (result i64)))
  (import "extism:host/env" "length" (func (param i64) (result i64)))
  (import "plugwright:host/mem" "read" (func (param i32 i64 i64)))
  (import "plugwright:host/mem" "write" (func (param i64 i32 i64)))
  (import "extism:host/env" "load_u8" (func (param i32) (result i32)))
  (import "plugwright:host/mem" "read" (func (param i64 i64 i64)))
)"#;

/// A module that ends, for the engine's features. Not all bytes give one.
pub(crate) fn module(bytes: &[u8], seed: u64) -> Option<Vec<u8>> {
    let config = Config {
        available_imports: Some(wat::parse_str(IMPORTS).unwrap()),
        max_imports: 12,
        min_funcs: 1,
        max_funcs: 8,
        max_instructions: 300,
        min_memories: 1,
        max_memories: 3,
        max_memory32_bytes: 8 << 20,
        max_memory64_bytes: 8 << 20,
        max_table_elements: 1000,
        max_data_segments: 4,
        export_everything: true,
        canonicalize_nans: true,
        threads_enabled: false,
        gc_enabled: false,
        exceptions_enabled: false,
        custom_page_sizes_enabled: false,
        shared_everything_threads_enabled: false,
        // A vector's bytes may hold NaNs that nothing makes canonical.
        relaxed_simd_enabled: false,
        // Modules without vectors and floats, and such as do not trap, call imports more often.
        simd_enabled: seed.is_multiple_of(4),
        allow_floats: seed.is_multiple_of(4),
        disallow_traps: seed.is_multiple_of(2),
        ..Config::default()
    };
    let mut module = Module::new(config, &mut arbitrary::Unstructured::new(bytes)).ok()?;
    module.ensure_termination(100).unwrap();
    Some(module.to_bytes())
}

/// Arguments of which each may be an offset, a length or an address.
fn arguments(params: impl Iterator<Item = ValType>, round: u64) -> Vec<Val> {
    (round..)
        .zip(params)
        .map(|(round, ty)| {
            let number = [0, 3, 40, 93, 296, 300, 65_530][round as usize % 7];
            match ty {
                ValType::I32 => Val::I32(number as i32),
                ValType::I64 => Val::I64(number),
                other => crate::support::zero(&other),
            }
        })
        .collect()
}

/// Everything that can be seen of a run, in words.
fn run(guest: wasmtime::Result<Guest>, exports: &[(String, ExternType)]) -> (Vec<String>, Option<Guest>) {
    let mut guest = match guest {
        Ok(guest) => guest,
        Err(error) => return (vec![outcome(Err(error))], None),
    };
    let mut seen = Vec::new();
    for round in 0..4 {
        for (name, ty) in exports {
            match ty {
                ExternType::Func(ty) => {
                    let arguments = arguments(ty.params(), round);
                    let result = outcome(guest.call_with(name, &arguments));
                    seen.push(format!("{name}({arguments:?}): {result}"));
                }
                ExternType::Memory(_) => {
                    let memory = guest.memory(name);
                    let sum = memory.iter().fold(0_u64, |sum, byte| {
                        sum.wrapping_mul(0x100_0000_01b3).wrapping_add(u64::from(*byte))
                    });
                    seen.push(format!("memory {name}: {} bytes, {sum}", memory.len()));
                }
                ExternType::Global(_) => {
                    let global = guest.instance.get_global(&mut guest.store, name).unwrap();
                    let value = global.get(&mut guest.store);
                    seen.push(format!("global {name}: {}", crate::support::show(&value)));
                }
                _ => {}
            }
        }
        seen.push(format!("{:?}", guest.kernel()));
    }
    (seen, Some(guest))
}

/// Compares a module with what it is rewritten to. Returns how many host calls the rewrite saved.
pub(crate) fn compare(engine: &Engine, wasm: &[u8], seed: u64) -> usize {
    let rewritten = if seed.is_multiple_of(3) { rewrite(wasm) } else { rewrite_in_small_chunks(wasm) };
    let exports: Vec<_> = wasmtime::Module::new(engine, wasm)
        .unwrap()
        .exports()
        .map(|export| (export.name().to_owned(), export.ty()))
        .collect();
    let kernel = Kernel::new(300, 93, 77);
    let (expected, original) = run(Guest::original(engine, wasm, &kernel), &exports);
    let (actual, rewritten) = run(Guest::rewritten(engine, &rewritten, &kernel), &exports);
    for (actual, expected) in actual.iter().zip(&expected) {
        assert_eq!(actual, expected, "seed {seed}");
    }
    assert_eq!(actual.len(), expected.len(), "seed {seed}");
    let calls = |guest: Option<Guest>| guest.map_or(0, |guest| guest.store.data().calls.len());
    calls(original) - calls(rewritten)
}
