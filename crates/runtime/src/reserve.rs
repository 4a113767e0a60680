//! When a guest's memory begins larger than the guest says.

use crate::WASM_PAGE_BYTES;
use crate::needs::InitialNeeds;

/// The pages that are added to a guest's memory: those that most guests ask for in their first call.
const PAGES: u32 = 4;

/// How many times the reserve must fit into what a plug-in may still have, so that it takes no room that the plug-in would miss.
const SHARE: u64 = 64;

/// Whether a plug-in with these needs has room for a reserve.
pub(crate) fn fits(needs: InitialNeeds, max_memory_bytes: u64) -> bool {
    max_memory_bytes.saturating_sub(needs.memory_bytes) >= SHARE * u64::from(PAGES) * WASM_PAGE_BYTES
}

/// The pages to add for a plug-in with these needs.
pub(crate) fn pages(needs: InitialNeeds, max_memory_bytes: u64) -> u32 {
    if fits(needs, max_memory_bytes) { PAGES } else { 0 }
}
