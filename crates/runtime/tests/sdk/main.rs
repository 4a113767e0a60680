//! The Rust SDK as its users see it: what only Rust can do. What every SDK does is checked by the conformance cases.
//!
//! One program for all of it, since each program must be linked with the engine.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod async_calls;
mod async_stops;
mod async_wasi;
mod compilation_cache;
mod compiled;
mod current_plugin;
mod handles;
mod host_errors;
mod host_functions;
mod host_modules;
mod hostile;
mod lifecycle;
mod limits;
mod linked_modules;
mod memory_limits;
mod pool;
mod post_mortem;
mod raw_functions;
mod rewriting;
mod snapshot;
mod support;
mod timeouts;
mod traps;
