//! Tests of the allocator through its public interface.

mod contract;
mod memory;
mod model;
mod trace;
