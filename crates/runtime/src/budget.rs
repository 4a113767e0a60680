//! The memory that a plug-in may have, counted over all its memories.

use wasmtime::ResourceLimiter;

use crate::MAX_TABLE_ELEMENTS;

/// Counts the bytes of every WebAssembly memory in a store, kernel memory included, and refuses more than a limit.
pub(crate) struct MemoryBudget {
    limit: u64,
    used: u64,
    /// What the growth under way added to `used`.
    pending: u64,
    /// Whether something was refused since the start of the call.
    refused: bool,
}

impl MemoryBudget {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, used: 0, pending: 0, refused: false }
    }

    pub(crate) fn begin_call(&mut self) {
        self.refused = false;
    }

    /// Whether the plug-in was refused memory since the start of the call, so that a trap is most likely due to it.
    pub(crate) fn refused(&self) -> bool {
        self.refused
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }
}

impl ResourceLimiter for MemoryBudget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.pending = 0;
        if maximum.is_some_and(|maximum| desired > maximum) {
            // The module's own maximum: an answer that the guest asked for, not ours to report.
            return Ok(false);
        }
        let more = (desired as u64).saturating_sub(current as u64);
        match self.used.checked_add(more) {
            Some(total) if total <= self.limit => {
                self.used = total;
                self.pending = more;
                Ok(true)
            }
            _ => {
                self.refused = true;
                Ok(false)
            }
        }
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.used -= self.pending;
        self.refused |= self.pending > 0;
        self.pending = 0;
        Ok(())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let allowed = desired <= MAX_TABLE_ELEMENTS;
        self.refused |= !allowed;
        Ok(allowed)
    }

    fn instances(&self) -> usize {
        crate::MAX_MODULES
    }

    fn memories(&self) -> usize {
        crate::MAX_MODULES * 2
    }

    fn tables(&self) -> usize {
        crate::MAX_MODULES * 16
    }
}
