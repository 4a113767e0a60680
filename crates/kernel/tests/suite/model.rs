//! Any sequence of operations against a model that keeps the live ranges in a map.

use std::collections::BTreeMap;

use crate::memory::{Memory, PAGE};
use plugwright_kernel::{ALIGNMENT, Allocator};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof};
use proptest::test_runner::{RngSeed, TestCaseError};

#[derive(Debug, Clone)]
enum Step {
    Alloc(u64),
    /// Frees one of the live blocks.
    Free(usize),
    /// Frees whatever is at this offset, most often nothing.
    FreeAnywhere(u64),
    Length(u64),
    InBounds(u64, u64),
    Reset,
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..4 * PAGE,
        (0..PAGE / 4).prop_map(|granule| granule * ALIGNMENT),
        (0..64u64).prop_map(|below| u64::MAX - below),
        (0..64u64).prop_map(|near| (1 << 32) + 32 - near),
        any::<u64>(),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..300u64).prop_map(Step::Alloc),
        3 => (0..3 * PAGE).prop_map(Step::Alloc),
        1 => number().prop_map(Step::Alloc),
        8 => any::<usize>().prop_map(Step::Free),
        2 => number().prop_map(Step::FreeAnywhere),
        2 => number().prop_map(Step::Length),
        1 => (number(), number()).prop_map(|(offset, len)| Step::InBounds(offset, len)),
        1 => prop_oneof![20 => Just(Step::Length(0)), 1 => Just(Step::Reset)],
    ]
}

/// The allocator under test, its memory and what should be in it.
struct Checked {
    allocator: Allocator,
    memory: Memory,
    live: BTreeMap<u64, u64>,
    high_water: u64,
}

impl Checked {
    fn new(initial_pages: u64, limit_pages: u64, max_blocks: usize) -> Self {
        Self {
            allocator: Allocator::with_max_blocks(max_blocks),
            memory: Memory { size: initial_pages * PAGE, limit: limit_pages * PAGE },
            live: BTreeMap::new(),
            high_water: 0,
        }
    }

    fn run(&mut self, step: &Step, max_blocks: usize) -> Result<(), TestCaseError> {
        match *step {
            Step::Alloc(len) => self.alloc(len, max_blocks)?,
            Step::Free(nth) if !self.live.is_empty() => {
                let offset = *self.live.keys().nth(nth % self.live.len()).expect("a live block");
                prop_assert!(self.allocator.free(offset));
                self.live.remove(&offset);
                prop_assert!(!self.allocator.free(offset), "freed twice");
            }
            Step::Free(_) => {}
            Step::FreeAnywhere(offset) => {
                prop_assert_eq!(self.allocator.free(offset), self.live.remove(&offset).is_some());
            }
            Step::Length(offset) => {
                let expected = self.live.get(&offset).copied().unwrap_or(0);
                prop_assert_eq!(self.allocator.length(offset), expected);
            }
            Step::InBounds(offset, len) => {
                let end = u128::from(offset) + u128::from(len);
                let expected = end <= u128::from(self.allocator.memory_bytes());
                prop_assert_eq!(self.allocator.in_bounds(offset, len), expected);
            }
            Step::Reset => {
                self.allocator.reset();
                self.live.clear();
                self.high_water = 0;
            }
        }
        prop_assert_eq!(self.allocator.live_blocks(), self.live.len());
        prop_assert_eq!(self.allocator.live_bytes(), self.live.values().sum::<u64>());
        prop_assert_eq!(self.allocator.high_water(), self.high_water);
        prop_assert!(self.allocator.memory_bytes() <= self.memory.size);
        Ok(())
    }

    fn alloc(&mut self, len: u64, max_blocks: usize) -> Result<(), TestCaseError> {
        let Some(offset) = self.allocator.alloc(len, &mut self.memory) else {
            let room = self.memory.limit
                - self
                    .live
                    .keys()
                    .last()
                    .map_or(ALIGNMENT, |last| (last + self.live[last]).next_multiple_of(ALIGNMENT));
            prop_assert!(
                len == 0 || len > room || self.live.len() == max_blocks,
                "refused {len} bytes with {room} left at the end"
            );
            return Ok(());
        };
        let offset = offset.get();
        prop_assert!(len > 0);
        prop_assert!(self.live.len() < max_blocks);
        prop_assert_eq!(offset % ALIGNMENT, 0);
        prop_assert!(self.allocator.in_bounds(offset, len));
        prop_assert_eq!(self.allocator.length(offset), len);
        if let Some((below, below_len)) = self.live.range(..=offset).next_back() {
            prop_assert!(below + below_len <= offset, "overlaps the block at {below}");
        }
        if let Some((above, _)) = self.live.range(offset..).next() {
            prop_assert!(offset + len <= *above, "overlaps the block at {above}");
        }
        self.live.insert(offset, len);
        self.high_water = self.high_water.max(offset + len);
        Ok(())
    }

    /// Frees all blocks; then one block must be able to have all the memory there is.
    fn check_full_coalescing(mut self) -> Result<(), TestCaseError> {
        for offset in self.live.keys() {
            prop_assert!(self.allocator.free(*offset));
        }
        let all = self.memory.limit - ALIGNMENT;
        let block = self.allocator.alloc(all, &mut self.memory);
        prop_assert_eq!(block.map(|offset| offset.get()), Some(ALIGNMENT));
        prop_assert_eq!(self.allocator.alloc(1, &mut self.memory), None);
        Ok(())
    }
}

proptest::proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x706c_7567),
        ..ProptestConfig::default()
    })]

    #[test]
    fn behaves_like_the_model(
        steps in proptest::collection::vec(step(), 1..400),
        initial_pages in 0..4u64,
        more_pages in 0..40u64,
        max_blocks in prop_oneof![4 => Just(usize::MAX), 1 => 1..20usize],
    ) {
        let mut checked = Checked::new(initial_pages, (initial_pages + more_pages).max(1), max_blocks);
        for step in &steps {
            checked.run(step, max_blocks)?;
        }
        checked.check_full_coalescing()?;
    }
}
