//! Skeleton.
// A plug-in's tests have the standard library, whatever the plug-in has.
#![cfg_attr(target_family = "wasm", no_std)]
#![allow(missing_docs)]
extern crate alloc;
#[doc(hidden)]
pub mod sys;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
/// Stub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}
impl LogLevel {
    pub const fn to_int(self) -> i32 {
        self as i32
    }
}
pub use plugwright_convert::*;
