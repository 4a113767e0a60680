//! The memory that a plug-in may have, counted over all its memories, and the elements of all its tables.

use wasmtime::ResourceLimiter;

use crate::{MAX_TABLE_ELEMENTS, WASM_PAGE_BYTES};

/// Counts the bytes of every WebAssembly memory in a store, kernel memory included, and the elements of every table,
/// and refuses more than a limit.
pub(crate) struct MemoryBudget {
    limit: u64,
    used: u64,
    /// Bytes of `used` that nobody asked for yet, and that do not count until then.
    unclaimed: u64,
    table_elements: usize,
    /// What was refused last since the start of the call.
    refused: Option<Refused>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Memory,
    Table,
}

impl MemoryBudget {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, used: 0, unclaimed: 0, table_elements: 0, refused: None }
    }

    /// Allows bytes beyond the limit: those that a rewritten guest's kernel memory has from the start, which are to count when
    /// they are used.
    pub(crate) fn lend(&mut self, bytes: u64) {
        self.unclaimed = bytes;
    }

    /// The bytes that were lent and do not count yet.
    #[inline]
    pub(crate) fn unclaimed(&self) -> u64 {
        self.unclaimed
    }

    /// Counts so many bytes of those that were lent, or as many as are left of them: how many. Nothing when there is no room.
    pub(crate) fn claim(&mut self, bytes: u64) -> Option<u64> {
        let bytes = bytes.min(self.unclaimed);
        if bytes > self.room() {
            self.refused = Some(Refused::Memory);
            return None;
        }
        self.unclaimed -= bytes;
        Some(bytes)
    }

    /// Raises the limit for bytes that the guest has and may not know of.
    pub(crate) fn allow(&mut self, bytes: u64) {
        self.limit = self.limit.saturating_add(bytes);
    }

    pub(crate) fn begin_call(&mut self) {
        self.refused = None;
    }

    /// Whether the plug-in was refused memory since the start of the call, so that a trap is most likely due to it.
    pub(crate) fn refused(&self) -> bool {
        self.refused.is_some()
    }

    /// The bytes of all memories, without those that were lent and that nobody asked for.
    pub(crate) fn used(&self) -> u64 {
        self.used.saturating_sub(self.unclaimed)
    }

    /// The bytes by which the plug-in's memories may still grow.
    pub(crate) fn room(&self) -> u64 {
        self.limit.saturating_add(self.unclaimed).saturating_sub(self.used)
    }

    /// What the limit is that the plug-in reached, and what to do about it.
    pub(crate) fn describe(&self) -> String {
        if self.refused == Some(Refused::Table) {
            return format!(
                "the plug-in's tables may have {MAX_TABLE_ELEMENTS} elements together, and it needs more"
            );
        }
        let pages = self.limit / WASM_PAGE_BYTES;
        format!(
            "the plug-in needs more memory than it may have: {pages} pages of 64 KiB; raise `memory.max_pages` if it needs more"
        )
    }
}

impl ResourceLimiter for MemoryBudget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            // The module's own maximum: an answer that the guest asked for, not ours to report.
            return Ok(false);
        }
        let more = (desired as u64).saturating_sub(current as u64);
        match self.used.checked_add(more) {
            Some(total) if total <= self.limit.saturating_add(self.unclaimed) => {
                self.used = total;
                Ok(true)
            }
            _ => {
                self.refused = Some(Refused::Memory);
                Ok(false)
            }
        }
    }

    // What was granted is not taken back when the system then fails: the engine also reports failures that it did not ask
    // about before, so there is nothing to tell what to take back.
    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // As above; but a maximum beyond what is allowed is that of the engine's pool.
        if maximum.is_some_and(|maximum| desired > maximum && maximum < MAX_TABLE_ELEMENTS) {
            return Ok(false);
        }
        let more = desired.saturating_sub(current);
        match self.table_elements.checked_add(more) {
            Some(total) if total <= MAX_TABLE_ELEMENTS => {
                self.table_elements = total;
                Ok(true)
            }
            _ => {
                self.refused = Some(Refused::Table);
                Ok(false)
            }
        }
    }

    fn instances(&self) -> usize {
        crate::MAX_MODULES
    }

    // Each memory and table costs address space and mappings, of which the process has few.
    fn memories(&self) -> usize {
        crate::MAX_MODULES * 2
    }

    fn tables(&self) -> usize {
        crate::MAX_MODULES * 4
    }
}
