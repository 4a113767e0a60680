//! Pages that a guest's memory has before the guest asks for them.
//!
//! Most compilers' allocators ask for their first page at the first allocation, so that each fresh instance makes its memory
//! larger once. That is a change of the process's memory map, which the engine takes back for the next instance: with two
//! threads it takes many times longer than everything else that an instance costs. So the memory begins some pages larger
//! than the module says; a global counts the pages that the guest knows of, `memory.size` reads it, and `memory.grow` takes
//! from the reserve first.

use std::ops::Range;

use wasm_encoder::{BlockType, ConstExpr, Encode, GlobalType, InstructionSink, ValType};
use wasmparser::MemoryType;

use crate::Error;
use crate::section::counted;

/// The pages that a memory with 32-bit addresses has at most.
const MOST_PAGES: u64 = 1 << 16;

/// The memory that has a reserve.
pub(crate) const MEMORY: u32 = 0;

/// What stands for the size of memory 0, if that may have a reserve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reserve {
    /// The pages that the module asks for at the start.
    initial: u32,
    /// The pages that are added to these.
    pages: u32,
    /// The global that counts the pages that the guest knows of.
    global: u32,
}

impl Reserve {
    /// For a module whose memory 0 is `memory`, when there is one that the module itself defines. Nothing when that cannot have
    /// so many more pages.
    pub(crate) fn new(memory: Option<MemoryType>, pages: u32, global: u32) -> Option<Self> {
        let memory = memory.filter(|_| pages > 0)?;
        if memory.memory64 || memory.shared || memory.page_size_log2.is_some_and(|log2| log2 != 16) {
            return None;
        }
        let with_reserve = memory.initial.checked_add(pages.into())?;
        if with_reserve > memory.maximum.unwrap_or(MOST_PAGES).min(MOST_PAGES) {
            return None;
        }
        Some(Self { initial: u32::try_from(memory.initial).ok()?, pages, global })
    }

    /// The pages that are added.
    pub(crate) fn pages(self) -> u32 {
        self.pages
    }

    /// Writes the entry for the module's global section.
    pub(crate) fn global(self, bytes: &mut Vec<u8>) {
        GlobalType { val_type: ValType::I32, mutable: true, shared: false }.encode(bytes);
        ConstExpr::i32_const(self.initial.cast_signed()).encode(bytes);
    }

    /// The contents of the module's memory section, with the reserve in its first memory.
    pub(crate) fn memories(self, wasm: &[u8], contents: Range<usize>) -> Result<Vec<u8>, Error> {
        let (_, entries) = counted(wasm, contents.clone())?;
        let mut reader = wasmparser::BinaryReader::new(&wasm[entries.clone()], entries.start);
        let memory: MemoryType = reader.read()?;
        let mut larger = wasm[contents.start..entries.start].to_vec();
        wasm_encoder::MemoryType {
            minimum: memory.initial + u64::from(self.pages),
            maximum: memory.maximum,
            memory64: false,
            shared: false,
            page_size_log2: memory.page_size_log2,
        }
        .encode(&mut larger);
        larger.extend_from_slice(&wasm[reader.original_position()..contents.end]);
        Ok(larger)
    }

    /// Writes what stands for `memory.size`.
    pub(crate) fn size(self, bytes: &mut Vec<u8>) {
        InstructionSink::new(bytes).global_get(self.global);
    }

    /// Writes the body of the function that stands for `memory.grow`: it takes the pages wanted, and returns the pages there were
    /// before, or -1.
    pub(crate) fn grow(self, bytes: &mut Vec<u8>) {
        const WANTED: u32 = 0;
        const BEFORE: u32 = 1;
        const LEFT: u32 = 2;
        // One group of locals.
        1_u32.encode(bytes);
        2_u32.encode(bytes);
        ValType::I32.encode(bytes);
        let mut code = InstructionSink::new(bytes);
        code.memory_size(MEMORY).global_get(self.global).local_tee(BEFORE).i32_sub().local_tee(LEFT);
        code.local_get(WANTED).i32_lt_u().if_(BlockType::Empty);
        // A number that the memory cannot have is refused here, so that the sum below is one that it has.
        code.local_get(WANTED).local_get(LEFT).i32_sub().memory_grow(MEMORY).i32_const(-1).i32_eq();
        code.if_(BlockType::Empty).i32_const(-1).return_().end();
        code.end();
        code.local_get(BEFORE).local_get(WANTED).i32_add().global_set(self.global);
        code.local_get(BEFORE).end();
    }
}
