//! What the contract promises, case by case.

use crate::memory::{Memory, PAGE};
use plugwright_kernel::{ALIGNMENT, Allocator, Backing, DEFAULT_MAX_BLOCKS};

const GIB: u64 = 1 << 30;

fn alloc(allocator: &mut Allocator, memory: &mut Memory, len: u64) -> u64 {
    allocator.alloc(len, memory).unwrap_or_else(|| panic!("no memory for {len} bytes")).get()
}

#[test]
fn a_new_allocator_manages_nothing() {
    let allocator = Allocator::new();
    assert_eq!(allocator.memory_bytes(), 0);
    assert_eq!(allocator.live_blocks(), 0);
    assert!(allocator.in_bounds(0, 0));
    assert!(!allocator.in_bounds(0, 1));
}

#[test]
fn absurd_lengths_are_refused_without_growing_the_memory() {
    let mut memory = Memory::with_limit(u64::MAX);
    let mut allocator = Allocator::new();
    for below in 0..100 {
        assert_eq!(allocator.alloc(u64::MAX - below, &mut memory), None);
        assert_eq!(allocator.alloc((1 << 63) - below, &mut memory), None);
        assert_eq!(allocator.alloc((1 << 32) + 50 - below, &mut memory).is_some(), below >= 50 + ALIGNMENT);
        allocator.reset();
    }
    assert_eq!(allocator.alloc(0, &mut memory), None);
}

#[test]
fn blocks_never_lie_beyond_four_gigabytes() {
    let mut memory = Memory::with_limit(u64::MAX);
    let mut allocator = Allocator::new();
    let mut blocks = 0;
    while let Some(offset) = allocator.alloc(GIB / 4, &mut memory) {
        assert!(offset.get() + GIB / 4 <= 4 * GIB);
        blocks += 1;
    }
    assert_eq!(blocks, 15, "the null granule costs the sixteenth");
    let rest = 4 * GIB - allocator.high_water();
    assert_eq!(allocator.alloc(rest + 1, &mut memory), None);
    let last = alloc(&mut allocator, &mut memory, rest);
    assert_eq!(allocator.memory_bytes(), 4 * GIB);
    assert_eq!(last + rest, 4 * GIB);
    assert_eq!(allocator.length(last), rest);
    assert!(allocator.in_bounds(last, rest));
    assert!(!allocator.in_bounds(last, rest + 1));
    assert_eq!(allocator.alloc(1, &mut memory), None);
    assert!(allocator.free(last));
    assert_eq!(alloc(&mut allocator, &mut memory, 1), last);
}

#[test]
fn a_memory_larger_than_four_gigabytes_is_managed_up_to_there() {
    let mut memory = Memory { size: 6 * GIB, limit: 8 * GIB };
    let mut allocator = Allocator::new();
    alloc(&mut allocator, &mut memory, 1);
    assert_eq!(allocator.memory_bytes(), 4 * GIB);
    assert!(!allocator.in_bounds(4 * GIB, 1));
}

#[test]
fn bounds_are_checked_without_wrapping() {
    let mut memory = Memory { size: PAGE, limit: PAGE };
    let mut allocator = Allocator::new();
    alloc(&mut allocator, &mut memory, 1);
    assert!(allocator.in_bounds(0, PAGE));
    assert!(allocator.in_bounds(PAGE, 0));
    assert!(!allocator.in_bounds(PAGE + 1, 0));
    assert!(!allocator.in_bounds(1, PAGE));
    for low in 0..64 {
        assert!(!allocator.in_bounds(low, u64::MAX - 32));
        assert!(!allocator.in_bounds(u64::MAX - 32, low));
    }
}

#[test]
fn a_limit_is_usable_to_its_last_byte() {
    for pages in [1, 2, 15, 17, 100, 1000, 65_536] {
        let mut memory = Memory::with_limit(pages * PAGE);
        let mut allocator = Allocator::new();
        let all = pages * PAGE - ALIGNMENT;
        assert_eq!(allocator.alloc(all + 1, &mut memory), None, "{pages} pages");
        alloc(&mut allocator, &mut memory, all);
        assert_eq!(allocator.memory_bytes(), pages * PAGE);
    }
}

#[test]
fn a_limit_is_usable_to_its_last_block() {
    let mut memory = Memory::with_limit(33 * PAGE);
    let mut allocator = Allocator::new();
    let blocks = std::iter::from_fn(|| allocator.alloc(1, &mut memory)).count() as u64;
    assert_eq!(blocks, 33 * PAGE / ALIGNMENT - 1);
}

#[test]
fn growing_takes_few_requests() {
    struct Counting {
        memory: Memory,
        requests: u32,
    }
    impl Backing for Counting {
        fn size(&self) -> u64 {
            self.memory.size()
        }
        fn grow_to(&mut self, bytes: u64) -> bool {
            self.requests += 1;
            self.memory.grow_to(bytes)
        }
    }
    let mut memory = Counting { memory: Memory::with_limit(GIB), requests: 0 };
    let mut allocator = Allocator::new();
    for _ in 0..1024 {
        allocator.alloc(32 * 1024, &mut memory).expect("32 MiB of blocks");
    }
    assert!(memory.requests < 60, "{} requests for 512 pages", memory.requests);
    let extra = memory.memory.size - allocator.high_water();
    assert!(extra <= 4 << 20, "{extra} bytes more than needed");
}

#[test]
fn only_the_start_of_a_live_block_is_a_block() {
    let mut memory = Memory::with_limit(GIB);
    let mut allocator = Allocator::new();
    let block = alloc(&mut allocator, &mut memory, 1000);
    for wrong in [0, block + 1, block + ALIGNMENT, block + 992, block + (1 << 32), u64::MAX, u64::MAX - 15] {
        assert_eq!(allocator.length(wrong), 0, "length of {wrong}");
        assert!(!allocator.free(wrong), "free of {wrong}");
    }
    assert_eq!(allocator.length(block), 1000);
    assert!(allocator.free(block));
    assert!(!allocator.free(block));
    assert_eq!(allocator.length(block), 0);
}

#[test]
fn freed_memory_is_used_again() {
    let mut memory = Memory::with_limit(PAGE);
    let mut allocator = Allocator::new();
    for round in 0..100_000u64 {
        let len = 1 + round * 7919 % 20_000;
        let first = alloc(&mut allocator, &mut memory, len);
        let second = alloc(&mut allocator, &mut memory, len);
        assert!(allocator.free(first));
        assert!(allocator.free(second));
    }
    assert_eq!(allocator.live_bytes(), 0);
}

#[test]
fn a_hole_between_blocks_is_filled_before_the_memory_grows() {
    let mut memory = Memory::with_limit(GIB);
    let mut allocator = Allocator::new();
    let blocks: Vec<u64> = (0..100).map(|_| alloc(&mut allocator, &mut memory, 10_000)).collect();
    let size = memory.size;
    for pair in blocks.chunks(2) {
        assert!(allocator.free(pair[0]));
    }
    for _ in 0..50 {
        let offset = alloc(&mut allocator, &mut memory, 10_000);
        assert!(blocks.contains(&offset), "{offset} is not one of the holes");
    }
    assert_eq!(memory.size, size);
}

#[test]
fn the_number_of_blocks_is_limited() {
    let mut memory = Memory::with_limit(GIB);
    let mut allocator = Allocator::with_max_blocks(3);
    let blocks: Vec<u64> = (0..3).map(|_| alloc(&mut allocator, &mut memory, 1)).collect();
    assert_eq!(allocator.alloc(1, &mut memory), None);
    assert!(allocator.free(blocks[1]));
    alloc(&mut allocator, &mut memory, 1);
    assert_eq!(allocator.alloc(1, &mut memory), None);
    allocator.reset();
    alloc(&mut allocator, &mut memory, 1);

    let mut allocator = Allocator::new();
    let count = std::iter::from_fn(|| allocator.alloc(1, &mut memory)).count();
    assert_eq!(count, DEFAULT_MAX_BLOCKS);
}

#[test]
fn a_reset_frees_everything_and_keeps_the_memory() {
    let mut memory = Memory::with_limit(PAGE * 4);
    let mut allocator = Allocator::new();
    let blocks: Vec<u64> = (1..1000).map(|len| alloc(&mut allocator, &mut memory, len % 50 + 1)).collect();
    let managed = allocator.memory_bytes();
    for _ in 0..2 {
        allocator.reset();
        assert_eq!(allocator.live_blocks(), 0);
        assert_eq!(allocator.live_bytes(), 0);
        assert_eq!(allocator.high_water(), 0);
        assert_eq!(allocator.memory_bytes(), managed);
        assert!(allocator.in_bounds(0, managed));
    }
    for block in blocks {
        assert_eq!(allocator.length(block), 0);
        assert!(!allocator.free(block));
    }
    assert_eq!(alloc(&mut allocator, &mut memory, PAGE * 4 - ALIGNMENT), ALIGNMENT);
}

#[test]
fn a_reset_to_fewer_bytes_manages_more_again_when_they_are_needed() {
    let mut memory = Memory::with_limit(PAGE * 4);
    let mut allocator = Allocator::new();
    alloc(&mut allocator, &mut memory, PAGE * 3);
    allocator.reset_to(PAGE);
    assert_eq!(allocator.live_blocks(), 0);
    assert_eq!(allocator.memory_bytes(), PAGE);
    assert!(!allocator.in_bounds(PAGE - 7, 8));
    assert_eq!(alloc(&mut allocator, &mut memory, PAGE * 3), ALIGNMENT);
    assert_eq!(allocator.memory_bytes(), memory.size);
    allocator.reset_to(u64::MAX);
    assert_eq!(allocator.memory_bytes(), memory.size);
}

#[test]
fn the_high_water_mark_outlasts_a_free() {
    let mut memory = Memory::with_limit(GIB);
    let mut allocator = Allocator::new();
    let block = alloc(&mut allocator, &mut memory, 1001);
    assert!(allocator.free(block));
    assert_eq!(allocator.high_water(), block + 1001);
    alloc(&mut allocator, &mut memory, 1);
    assert_eq!(allocator.high_water(), block + 1001);
}

#[test]
fn a_memory_that_lies_about_growing_is_not_trusted() {
    struct Liar;
    impl Backing for Liar {
        fn size(&self) -> u64 {
            0
        }
        fn grow_to(&mut self, _: u64) -> bool {
            true
        }
    }
    let mut allocator = Allocator::new();
    assert_eq!(allocator.alloc(1, &mut Liar), None);
    assert_eq!(allocator.memory_bytes(), 0);
}
