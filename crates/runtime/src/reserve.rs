//! What memories have from the start beyond what a guest says, so that its first call does not make them larger.

use crate::WASM_PAGE_BYTES;
use crate::engine::EngineKey;
use crate::needs::InitialNeeds;

/// The pages that are added to a guest's memory: those that most guests ask for in their first call.
const PAGES: u32 = 4;

/// How many times the reserve must fit into what a plug-in may still have, so that it takes no room that the plug-in would miss.
const SHARE: u64 = 64;

/// The pages of kernel memory. They count when they are used.
const KERNEL_PAGES: u32 = 4;

/// Whether a plug-in with these needs has room for a reserve.
pub(crate) fn fits(needs: InitialNeeds, max_memory_bytes: u64) -> bool {
    max_memory_bytes.saturating_sub(needs.memory_bytes) >= SHARE * u64::from(PAGES) * WASM_PAGE_BYTES
}

/// The pages to add for a plug-in with these needs. None to memory from the heap, which is filled with zeros when it is made.
pub(crate) fn pages(key: EngineKey, needs: InitialNeeds, max_memory_bytes: u64) -> u32 {
    if !key.compact && fits(needs, max_memory_bytes) { PAGES } else { 0 }
}

/// The pages of kernel memory. One when it is memory from the heap.
pub(crate) fn kernel_pages(key: EngineKey) -> u32 {
    if key.compact { 1 } else { KERNEL_PAGES }
}
