//! Any bytes, and any module, through the rewriter.

#![no_main]
#![allow(clippy::unwrap_used, reason = "what fails here is a finding")]

#[path = "../../crates/rewrite/tests/observe/mod.rs"]
mod observe;
#[path = "../../crates/rewrite/tests/program/mod.rs"]
mod program;
#[path = "../../crates/rewrite/tests/support/mod.rs"]
mod support;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use wasmparser::{Validator, WasmFeatures};
use wasmtime::{Engine, Module};

static ENGINE: LazyLock<Engine> = LazyLock::new(support::engine);

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    match kind {
        0..64 => arbitrary_bytes(rest),
        64..96 => same(&wat::parse_str(program::program(rest)).unwrap(), u64::from(*kind)),
        _ => {
            if let Some(wasm) = observe::module(rest, u64::from(*kind)) {
                same(&wasm, u64::from(*kind));
            }
        }
    }
});

/// What is valid stays valid, and what is not is refused.
fn arbitrary_bytes(bytes: &[u8]) {
    let valid = |bytes: &[u8]| Validator::new_with_features(WasmFeatures::all()).validate_all(bytes);
    match plugwright_rewrite::rewrite(bytes) {
        Ok(rewritten) => {
            valid(bytes).unwrap();
            valid(&rewritten.wasm).unwrap();
            for offset in 0..rewritten.wasm.len() as u64 {
                let original = rewritten.offsets.original(offset);
                assert!(original.is_none_or(|original| original < bytes.len() as u64));
            }
            let map = rewritten.offsets.to_bytes();
            assert_eq!(plugwright_rewrite::OffsetMap::from_bytes(&map).unwrap(), rewritten.offsets);
        }
        Err(plugwright_rewrite::Error::Invalid { .. }) => assert!(valid(bytes).is_err()),
        Err(_) => {}
    }
}

/// What can be seen is the same. Some modules want what this engine is built without.
fn same(wasm: &[u8], seed: u64) {
    if Module::validate(&ENGINE, wasm).is_err() {
        arbitrary_bytes(wasm);
        return;
    }
    observe::compare(&ENGINE, wasm, seed);
}
