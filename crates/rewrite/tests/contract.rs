//! Each replaced import against the contract.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use support::{Guest, Kernel, engine, outcome, rewrite};
use wasmtime::Val;

/// One exported function for each import, which passes its arguments on.
const GUEST: &str = r#"(module
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "plugwright:host/mem" "read" (func $read (param i32 i64 i64)))
  (import "plugwright:host/mem" "write" (func $write (param i64 i32 i64)))
  (memory (export "memory") 2)
  (data (i32.const 0) "what the guest has at the start of its memory")
  (func (export "load_u8") (param i64) (result i32) (call $load_u8 (local.get 0)))
  (func (export "load_u64") (param i64) (result i64) (call $load_u64 (local.get 0)))
  (func (export "store_u8") (param i64 i32) (call $store_u8 (local.get 0) (local.get 1)))
  (func (export "store_u64") (param i64 i64) (call $store_u64 (local.get 0) (local.get 1)))
  (func (export "input_load_u8") (param i64) (result i32) (call $input_load_u8 (local.get 0)))
  (func (export "input_load_u64") (param i64) (result i64) (call $input_load_u64 (local.get 0)))
  (func (export "input_length") (result i64) (call $input_length))
  (func (export "input_offset") (result i64) (call $input_offset))
  (func (export "read") (param i32 i64 i64) (call $read (local.get 0) (local.get 1) (local.get 2)))
  (func (export "write") (param i64 i32 i64) (call $write (local.get 0) (local.get 1) (local.get 2)))
)"#;

/// Kernel memories that differ in what the limits are: none, below 8 bytes, inside a page, a page.
fn kernels() -> Vec<Kernel> {
    vec![
        Kernel::new(0, 0, 0),
        Kernel::new(5, 2, 3),
        Kernel::new(8, 0, 8),
        Kernel::new(1000, 100, 0),
        Kernel::new(70_001, 60_000, 10_001),
        Kernel::new(1 << 16, 24, 7),
    ]
}

/// Numbers at which something may go wrong in a range of `size`.
fn edges(size: u64) -> Vec<u64> {
    let mut edges = vec![0, 1, 7, 8, 9, 1 << 16, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, 1 << 63];
    edges.extend((0..=9).map(|below| size.wrapping_sub(below)));
    edges.extend((1..=9).map(|above| size + above));
    edges.extend((1..=9).map(|below| u64::MAX - below + 1));
    edges
}

/// Calls the same in both, and compares everything that can be seen.
fn compare(name: &str, kernel: &Kernel, arguments: &[Vec<Val>]) {
    let engine = engine();
    let wasm = wat::parse_str(GUEST).unwrap();
    let mut original = Guest::original(&engine, &wasm, kernel).unwrap();
    let mut rewritten = Guest::rewritten(&engine, &rewrite(&wasm), kernel).unwrap();
    for arguments in arguments {
        assert_eq!(
            outcome(rewritten.call_with(name, arguments)),
            outcome(original.call_with(name, arguments)),
            "{name}({arguments:?}) with kernel memory of {} bytes",
            kernel.bytes.len()
        );
        assert!(rewritten.kernel() == original.kernel(), "{name}({arguments:?}) wrote something else");
        assert!(rewritten.memory("memory") == original.memory("memory"), "{name}({arguments:?})");
    }
    assert_eq!(original.store.data().calls.len(), arguments.len());
    if !matches!(name, "read" | "write") {
        assert!(rewritten.store.data().calls.is_empty(), "{name} is still called");
    }
}

fn i64_of(value: u64) -> Val {
    Val::I64(value.cast_signed())
}

#[test]
fn loads() {
    for kernel in kernels() {
        let offsets: Vec<_> =
            edges(kernel.bytes.len() as u64).into_iter().map(|offset| vec![i64_of(offset)]).collect();
        compare("load_u8", &kernel, &offsets);
        compare("load_u64", &kernel, &offsets);
    }
}

#[test]
fn stores() {
    for kernel in kernels() {
        let offsets = edges(kernel.bytes.len() as u64);
        let bytes: Vec<_> = (0x1234_5600..)
            .zip(&offsets)
            .map(|(value, offset)| vec![i64_of(*offset), Val::I32(value)])
            .collect();
        compare("store_u8", &kernel, &bytes);
        let words: Vec<_> = (0x0102_0304_0506_0700..)
            .zip(&offsets)
            .map(|(value, offset)| vec![i64_of(*offset), Val::I64(value)])
            .collect();
        compare("store_u64", &kernel, &words);
    }
}

#[test]
fn input() {
    for kernel in kernels() {
        compare("input_length", &kernel, &[vec![]]);
        compare("input_offset", &kernel, &[vec![]]);
        let mut indices = edges(kernel.input_length);
        // These are in kernel memory, but not in the input.
        indices.extend(edges(kernel.bytes.len() as u64 - kernel.input_offset));
        // This is what an offset that wraps around would need.
        indices.push(0_u64.wrapping_sub(kernel.input_offset));
        let indices: Vec<_> = indices.into_iter().map(|index| vec![i64_of(index)]).collect();
        compare("input_load_u8", &kernel, &indices);
        compare("input_load_u64", &kernel, &indices);
    }
}

#[test]
fn bulk() {
    for kernel in kernels() {
        let size = kernel.bytes.len() as u64;
        let mut arguments = Vec::new();
        for offset in [0, 1, size / 2, size, size + 1, 1 << 32, u64::MAX] {
            for len in [0, 1, size / 2, size.wrapping_sub(1), size, size + 1, 1 << 32, u64::MAX] {
                for address in [0, 10, 1 << 16, (2 << 16) - 1, 2 << 16, -1] {
                    arguments.push((offset, len, address));
                }
            }
        }
        let reads: Vec<_> = arguments
            .iter()
            .map(|(offset, len, address)| vec![Val::I32(*address), i64_of(*offset), i64_of(*len)])
            .collect();
        compare("read", &kernel, &reads);
        let writes: Vec<_> = arguments
            .iter()
            .map(|(offset, len, address)| vec![i64_of(*offset), Val::I32(*address), i64_of(*len)])
            .collect();
        compare("write", &kernel, &writes);
    }
}

#[test]
fn bulk_calls_the_host_for_what_is_outside_or_long() {
    let engine = engine();
    let wasm = wat::parse_str(GUEST).unwrap();
    let kernel = Kernel::new(100, 0, 0);
    let mut guest = Guest::rewritten(&engine, &support::rewrite_in_small_chunks(&wasm), &kernel).unwrap();
    let mut read = |offset: u64, len: u64| {
        guest.store.data_mut().calls.clear();
        let result = guest.call_with("read", &[Val::I32(0), i64_of(offset), i64_of(len)]);
        (outcome(result), guest.store.data().calls.len())
    };
    assert_eq!(read(50, 16), (String::new(), 0));
    assert_eq!(read(50, 17), (String::new(), 1));
    assert_eq!(read(84, 16), (String::new(), 0));
    assert_eq!(read(85, 16), ("error: outside kernel memory".to_owned(), 1));
    assert_eq!(read(u64::MAX, 1), ("error: outside kernel memory".to_owned(), 1));
}

#[test]
fn the_start_function_runs_when_kernel_memory_is_known() {
    let wat = r#"(module
      (import "extism:host/env" "input_load_u8" (func $input (param i64) (result i32)))
      (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
      (memory (export "memory") 1)
      (func $start (i32.store8 (i32.const 5) (call $input (i64.const 1))) (call $store (i64.const 3) (i32.const 42)))
      (start $start))"#;
    let engine = engine();
    let wasm = wat::parse_str(wat).unwrap();
    let kernel = Kernel::new(100, 10, 5);
    let rewritten = rewrite(&wasm);
    assert!(rewritten.has_start);
    let mut original = Guest::original(&engine, &wasm, &kernel).unwrap();
    let mut guest = Guest::rewritten(&engine, &rewritten, &kernel).unwrap();
    assert_eq!(guest.memory("memory")[5], kernel.bytes[11]);
    assert_eq!(guest.kernel()[3], 42);
    assert!(guest.memory("memory") == original.memory("memory"));
    assert!(guest.kernel() == original.kernel());
}

#[test]
fn indirect_uses_still_call_the_host() {
    let wat = r#"(module
      (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
      (memory (export "memory") 1)
      (table funcref (elem $load))
      (export "as it is" (func $load))
      (elem declare func $load)
      (func (export "table") (param i64) (result i32)
        (call_indirect (param i64) (result i32) (local.get 0) (i32.const 0)))
      (func (export "reference") (param i64) (result i32) (ref.is_null (ref.func $load)))
      (func (export "tail") (param i64) (result i32) (return_call $load (local.get 0)))
      (func (export "direct") (param i64) (result i32) (call $load (local.get 0))))"#;
    let engine = engine();
    let wasm = wat::parse_str(wat).unwrap();
    let kernel = Kernel::new(100, 10, 5);
    let mut original = Guest::original(&engine, &wasm, &kernel).unwrap();
    let mut guest = Guest::rewritten(&engine, &rewrite(&wasm), &kernel).unwrap();
    for export in ["as it is", "table", "reference", "tail", "direct"] {
        for offset in [0, 50, 99, 100] {
            let expected = outcome(original.call_with(export, &[i64_of(offset)]));
            assert_eq!(outcome(guest.call_with(export, &[i64_of(offset)])), expected, "{export}({offset})");
        }
    }
    assert_eq!(
        original.store.data().calls.len() - guest.store.data().calls.len(),
        4,
        "only direct calls are saved"
    );
}
