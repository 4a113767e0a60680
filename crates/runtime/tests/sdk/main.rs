//! The Rust SDK as its users see it: what only Rust can do. What every SDK does is checked by the conformance cases.
//!
//! One program for all of it, since each program must be linked with the engine.

mod async_calls;
mod async_stops;
mod async_wasi;
mod current_plugin;
mod host_errors;
mod host_functions;
mod host_modules;
mod raw_functions;
mod support;
