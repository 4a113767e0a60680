//! The recorded trace that every implementation of the allocator follows: this one, and that of `sdks/go`.
//!
//! Each line is an operation with its result. `PLUGWRIGHT_RECORD_TRACE=1 cargo test -p plugwright-kernel` records it anew, to
//! be done when the allocator is to place blocks otherwise.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use crate::memory::{Memory, PAGE};
use plugwright_kernel::Allocator;

const MAX_BLOCKS: usize = 700;
const MAX_PAGES: u64 = 96;
const OPERATIONS: usize = 6000;

/// Numbers that look random, and are the same everywhere: a linear congruential generator.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// Mostly small, sometimes large or absurd.
    fn len(&mut self) -> u64 {
        match self.below(100) {
            0 => 0,
            1 => u64::MAX - self.below(64),
            2 => (1 << 32) - self.below(64),
            3..=8 => self.below(1 << 20),
            9..=30 => self.below(1 << 13),
            _ => self.below(300),
        }
    }
}

/// Follows a scenario, and writes down what happens.
fn record() -> String {
    let mut memory = Memory::with_limit(MAX_PAGES * PAGE);
    let mut allocator = Allocator::with_max_blocks(MAX_BLOCKS);
    let mut numbers = Numbers(7);
    let mut live = VecDeque::new();
    let mut text = format!("limits {MAX_BLOCKS} {MAX_PAGES}\n");
    let mut note = |line: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _ = text.write_fmt(line);
        let _ = text.write_char('\n');
    };
    for step in 0..OPERATIONS {
        // Phases in which blocks become more, and fewer.
        let frees = if (step / 700) % 2 == 0 { 35 } else { 60 };
        match numbers.below(100) {
            0..10 => {
                let offset = *live.get(numbers.below(64) as usize).unwrap_or(&numbers.below(1 << 22));
                note(format_args!("length {offset} {}", allocator.length(offset)));
            }
            10..12 => {
                let (offset, len) = (numbers.below(1 << 23), numbers.len());
                note(format_args!("in_bounds {offset} {len} {}", u8::from(allocator.in_bounds(offset, len))));
            }
            12 => note(format_args!("memory_bytes {}", allocator.memory_bytes())),
            choice if choice < 13 + frees && !live.is_empty() => {
                let at = numbers.below(live.len() as u64) as usize;
                let known = live.swap_remove_back(at).unwrap_or_default();
                // Now and then one that is none.
                let offset = if numbers.below(20) == 0 { known + numbers.below(40) } else { known };
                note(format_args!("free {offset} {}", u8::from(allocator.free(offset))));
            }
            _ => {
                let len = numbers.len();
                let offset = allocator.alloc(len, &mut memory).map_or(0, std::num::NonZero::get);
                if offset != 0 {
                    live.push_back(offset);
                }
                note(format_args!("alloc {len} {offset}"));
            }
        }
        if step % 1900 == 1899 {
            live.clear();
            if step % 3800 == 3799 {
                allocator.reset_to(1 << 20);
                memory.size = 16 * PAGE;
                note(format_args!("reset_to {}", 1 << 20));
            } else {
                allocator.reset();
                note(format_args!("reset"));
            }
        }
    }
    text
}

#[test]
fn the_recorded_trace_is_followed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("trace.txt");
    let trace = record();
    if env::var_os("PLUGWRIGHT_RECORD_TRACE").is_some() {
        fs::write(&file, trace).unwrap();
        return;
    }
    let recorded = fs::read_to_string(&file).unwrap();
    for (number, (line, recorded)) in (1..).zip(trace.lines().zip(recorded.lines())) {
        assert_eq!(line, recorded, "line {number} of {}", file.display());
    }
    assert_eq!(trace.len(), recorded.len(), "{} has another length", file.display());
}
