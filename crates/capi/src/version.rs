//! Which library this is.

use std::ffi::c_char;
use std::ptr;

use crate::boundary::guard;

/// The version of the public interface, and after the `+` ours: bindings may want to read a version in the public style.
const PUBLIC: &str = concat!("1.41.0+plugwright.", env!("CARGO_PKG_VERSION"), "\0");
const OWN: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The version of the public interface that this library answers to, then that of this library, as in `1.41.0+plugwright.0.1.0`.
///
/// The text is there for ever and is not freed.
#[unsafe(no_mangle)]
pub extern "C" fn extism_version() -> *const c_char {
    guard(ptr::null(), || PUBLIC.as_ptr().cast())
}

/// The version of this library, as in `0.1.0`.
///
/// The text is there for ever and is not freed.
#[unsafe(no_mangle)]
pub extern "C" fn plugwright_version() -> *const c_char {
    guard(ptr::null(), || OWN.as_ptr().cast())
}
