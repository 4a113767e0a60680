//! What a module needs before any of its code runs.

use serde::{Deserialize, Serialize};
use wasmparser::{Parser, Payload};

use crate::WASM_PAGE_BYTES;

/// The memories and tables that a module defines, with their initial sizes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InitialNeeds {
    /// Of all its memories together.
    pub(crate) memory_bytes: u64,
    /// Of all its tables together.
    pub(crate) table_elements: u64,
    /// Whether a memory has 64-bit addresses.
    pub(crate) memory64: bool,
}

impl InitialNeeds {
    /// The needs of a valid module.
    pub(crate) fn of(wasm: &[u8]) -> Self {
        let mut needs = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload {
                Ok(Payload::MemorySection(memories)) => {
                    for memory in memories.into_iter().flatten() {
                        let page = memory.page_size_log2.map_or(WASM_PAGE_BYTES, |log2| 1 << log2.min(16));
                        let bytes = memory.initial.saturating_mul(page);
                        needs.memory_bytes = needs.memory_bytes.saturating_add(bytes);
                        needs.memory64 |= memory.memory64;
                    }
                }
                Ok(Payload::TableSection(tables)) => {
                    for table in tables.into_iter().flatten() {
                        needs.table_elements = needs.table_elements.saturating_add(table.ty.initial);
                    }
                }
                _ => {}
            }
        }
        needs
    }
}

#[cfg(test)]
mod tests {
    use super::InitialNeeds;

    #[test]
    fn memories_add_up_and_so_do_tables() {
        let module = "(module (memory 1) (memory 2 9) (memory i64 3) (table 5 funcref) (table 7 funcref))";
        let needs = InitialNeeds::of(&wat::parse_str(module).unwrap());
        assert_eq!(needs, InitialNeeds { memory_bytes: 6 * 65_536, table_elements: 12, memory64: true });
    }
}
