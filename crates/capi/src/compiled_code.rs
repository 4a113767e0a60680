//! Compiled code as bytes, to be kept and loaded again.

use std::ffi::c_char;
use std::ptr;

use runtime::{PluginBuilder, PluginSource};

use crate::boundary::{array, guard, reference};
use crate::compiled::ExtismCompiledPlugin;
use crate::error::{Failure, or_message};
use crate::function::ExtismSize;
use crate::options::{self, PlugwrightOptions};

/// Bytes that the library has made.
pub struct PlugwrightBytes(Vec<u8>);

/// The bytes of compiled code, for `plugwright_compiled_plugin_from_trusted_bytes`. They are freed by `plugwright_bytes_free`.
///
/// They run on this version of the library, on processors with this one's features. Settings and host functions are not part of
/// them. Returns null if there is an error, which goes to `errmsg` as with `extism_plugin_new`; it is one if `compiled` is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_compiled_plugin_to_bytes(
    compiled: *const ExtismCompiledPlugin,
    errmsg: *mut *mut c_char,
) -> *mut PlugwrightBytes {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises valid arguments.
        unsafe {
            or_message(errmsg, || {
                let compiled = reference(compiled);
                let compiled = compiled.ok_or_else(|| Failure::argument("the compiled plug-in is null"))?;
                Ok(PlugwrightBytes(compiled.0.serialize()?))
            })
        }
    })
}

/// Compiled code from the bytes that `plugwright_compiled_plugin_to_bytes` made, which are trusted like a program: they are
/// machine code that runs with all rights of this process, and nothing checks them. Use it for files that you made yourself and
/// that nobody else can change.
///
/// - `options`: what plug-ins of this code may do, and the host functions that they have; null for the strictest.
/// - `bytes`: `size` bytes, which are copied.
///
/// It is freed by `extism_compiled_plugin_free`. Returns null if there is an error, which goes to `errmsg` as with
/// `extism_plugin_new`: of kind `Incompatible` if the bytes are from another version, or no such bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_compiled_plugin_from_trusted_bytes(
    options: *const PlugwrightOptions,
    bytes: *const u8,
    size: ExtismSize,
    errmsg: *mut *mut c_char,
) -> *mut ExtismCompiledPlugin {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises valid arguments.
        unsafe {
            or_message(errmsg, || {
                let bytes = array(bytes, size, "the compiled code")?;
                let source = PluginSource::trusted_compiled_code(bytes);
                let builder = options::apply(options, PluginBuilder::new(source))?;
                Ok(ExtismCompiledPlugin(builder.compile()?))
            })
        }
    })
}

/// How many bytes these are; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_bytes_length(bytes: *const PlugwrightBytes) -> ExtismSize {
    guard(0, || {
        // SAFETY: the caller promises bytes that are not freed meanwhile, or null.
        unsafe { reference(bytes) }.map_or(0, |bytes| bytes.0.len() as ExtismSize)
    })
}

/// Where these bytes begin. They stay until they are freed, and are not written to. Null for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_bytes_data(bytes: *const PlugwrightBytes) -> *const u8 {
    guard(ptr::null(), || {
        // SAFETY: the caller promises bytes that are not freed meanwhile, or null.
        unsafe { reference(bytes) }.map_or(ptr::null(), |bytes| bytes.0.as_ptr())
    })
}

/// Frees bytes. Nothing happens for null. They are freed once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_bytes_free(bytes: *mut PlugwrightBytes) {
    guard((), || {
        if !bytes.is_null() {
            // SAFETY: the caller got them from this library, and nobody uses them any more.
            drop(unsafe { Box::from_raw(bytes) });
        }
    });
}
