//! How much memory instances have, summed up.

use std::sync::atomic::{AtomicU64, Ordering};

use plugwright::Plugin;

/// The memory of instances together, each as its last call left it. What a call that runs has taken meanwhile is not known before its
/// end.
#[derive(Debug, Default)]
pub(crate) struct TotalMemory(AtomicU64);

impl TotalMemory {
    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// An instance goes.
    pub(crate) fn forget(&self, plugin: &Plugin) {
        self.0.fetch_sub(plugin.memory_bytes(), Ordering::Relaxed);
    }
}

/// An instance during a call. However that ends, what it made of the memory is counted when this is dropped.
pub(crate) struct Measured<'a> {
    pub(crate) plugin: &'a mut Plugin,
    before: u64,
    total: &'a TotalMemory,
}

impl<'a> Measured<'a> {
    pub(crate) fn new(plugin: &'a mut Plugin, total: &'a TotalMemory) -> Self {
        Self { before: plugin.memory_bytes(), plugin, total }
    }
}

impl Drop for Measured<'_> {
    fn drop(&mut self) {
        let after = self.plugin.memory_bytes();
        // Seldom: what many threads write costs more than what they read.
        if after != self.before {
            // The sum is right also when a difference wraps around.
            self.total.0.fetch_add(after.wrapping_sub(self.before), Ordering::Relaxed);
        }
    }
}
