//! Generated modules, as they are and rewritten: whatever can be seen must be the same.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod observe;
mod program;
mod support;

use observe::{compare, module};
use support::engine;

/// Bytes that depend on the seed alone.
fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(len)
    .collect()
}

#[test]
fn generated_modules_do_the_same() {
    let engine = engine();
    let saved: Vec<usize> = (0..SEEDS)
        .filter_map(|seed| Some(compare(&engine, &module(&bytes(seed, 4000), seed)?, seed)))
        .collect();
    // Else the modules would be too few or too dull.
    assert!(saved.len() > SEEDS as usize / 2, "only {} modules", saved.len());
    assert!(saved.iter().sum::<usize>() > 100, "replaced calls: {saved:?}");
}

#[test]
fn modules_full_of_replaced_calls_do_the_same() {
    let engine = engine();
    for seed in 0..SEEDS {
        let wasm = wat::parse_str(program::program(&bytes(seed, 1000))).unwrap();
        compare(&engine, &wasm, seed);
    }
}

const SEEDS: u64 = 150;
