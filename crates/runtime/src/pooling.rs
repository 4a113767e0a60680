//! Reusing the memory of instances: the engine's pool of ready-made places, and how many of them are taken.
//!
//! A place that is free keeps its address space and its warmest pages, so that making an instance and dropping it costs a
//! few microseconds, where reserving and returning 4 GiB of address space for each memory costs tens.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use wasmtime::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::MAX_TABLE_ELEMENTS;

/// The most instances of an engine that live in its pool; others are made outside of it.
///
/// Two memories each reserve about 8 GiB of address space for an instance, of the 128 TiB that a process has.
pub(crate) const MAX_POOLED: usize = 1000;

/// The most instances outside of pools that reserve 4 GiB of address space for each memory. Each takes about five mappings, of which
/// a process has 65 530; when so many live, further ones run code that needs no reservations.
const MAX_ROOMY: usize = 4000;

/// The memories of a pooled instance: the guest's own and the kernel memory.
const MEMORIES: u32 = 2;

/// The most tables of a pooled instance.
const TABLES: u32 = 2;

/// What of each memory, and of each table, stays resident in a free place, in bytes.
const KEPT_OF_MEMORY: usize = 512 << 10;
const KEPT_OF_TABLE: usize = 32 << 10;

/// The most places that stay warm while they are free, so that they hold no more than some tens of megabytes.
const WARM: u32 = 64;

/// How an engine allocates that pools its instances.
pub(crate) fn strategy() -> InstanceAllocationStrategy {
    let mut config = PoolingAllocationConfig::default();
    let places = MAX_POOLED as u32;
    config
        .total_core_instances(places)
        .total_stacks(places)
        .total_memories(places * MEMORIES)
        .max_memories_per_module(MEMORIES)
        .total_tables(places * TABLES)
        .max_tables_per_module(TABLES)
        .table_elements(MAX_TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEPT_OF_MEMORY)
        .table_keep_resident(KEPT_OF_TABLE)
        .max_unused_warm_slots(WARM)
        .pagemap_scan(Enabled::Auto);
    InstanceAllocationStrategy::Pooling(config)
}

/// A number of places for instances.
#[derive(Debug, Clone)]
pub(crate) struct Places(Arc<AtomicUsize>);

/// The process's places outside of pools for instances that reserve address space.
static ROOMY: LazyLock<Places> = LazyLock::new(|| Places::new(MAX_ROOMY));

impl Places {
    /// The places of a new pool.
    pub(crate) fn of_pool() -> Self {
        Self::new(MAX_POOLED)
    }

    /// The places outside of pools.
    pub(crate) fn outside() -> &'static Self {
        &ROOMY
    }

    fn new(count: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(count)))
    }

    /// A place for an instance, if one is free.
    pub(crate) fn take(&self) -> Option<Place> {
        let taken = self.0.fetch_update(Ordering::Acquire, Ordering::Relaxed, |free| free.checked_sub(1));
        taken.ok().map(|_| Place(self.0.clone()))
    }
}

/// The right to one instance. To be dropped after the instance.
#[derive(Debug)]
pub(crate) struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_POOLED, Places};

    #[test]
    fn a_place_is_free_again_when_it_is_dropped() {
        let places = Places::of_pool();
        let mut taken: Vec<_> = std::iter::from_fn(|| places.take()).collect();
        assert_eq!(taken.len(), MAX_POOLED);
        taken.pop();
        assert!(places.take().is_some());
    }
}
