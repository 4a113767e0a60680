//! Calling a plug-in, and what came out.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::time::Duration;

use runtime::Plugin;

use crate::boundary::{array, catch, guard, text};
use crate::current_plugin::HostContext;
use crate::error::Failure;
use crate::function::ExtismSize;
use crate::plugin::{ExtismPlugin, with};

/// Where an output without bytes lies: a pointer that can be read from, for bindings that do not expect null.
static NOTHING: u8 = 0;

/// Calls the function.
///
/// # Safety
///
/// `name` and `data` are null or valid for this call.
#[inline]
unsafe fn run(
    plugin: &mut Plugin,
    name: *const c_char,
    data: *const u8,
    len: ExtismSize,
    context: *mut c_void,
) -> Result<(), Failure> {
    // SAFETY: the caller promises it.
    let arguments = unsafe {
        text(name, "the function's name").and_then(|name| Ok((name, array(data, len, "the input")?)))
    };
    let called = arguments.and_then(|(name, input)| {
        // The last call's output goes when this one begins, also if that is its input.
        let copy = overlap(input, plugin.output()).then(|| input.to_vec());
        let input = copy.as_deref().unwrap_or(input);
        let called = if context.is_null() {
            plugin.call(name, input)
        } else {
            plugin.call_with_context(name, input, HostContext(context))
        };
        called.map_err(Failure::from)
    });
    if called.is_err() {
        // A call that did not even begin leaves the output of the one before.
        plugin.reset();
    }
    called
}

/// Whether some bytes lie in both.
#[inline]
fn overlap(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (one.as_ptr_range(), other.as_ptr_range());
    one.start < other.end && other.start < one.end
}

/// Calls a function of the plug-in, as `extism_plugin_call_with_host_context` without a context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_call(
    plugin: *mut ExtismPlugin,
    func_name: *const c_char,
    data: *const u8,
    data_len: ExtismSize,
) -> i32 {
    // SAFETY: the caller promises the same.
    unsafe { extism_plugin_call_with_host_context(plugin, func_name, data, data_len, ptr::null_mut()) }
}

/// Calls a function of the plug-in.
///
/// - `func_name`: its name, in UTF-8.
/// - `data`: the input, `data_len` bytes, which are copied; may be null if there are none. It may be the output of the plug-in's
///   last call.
/// - `host_context`: what host functions get by `extism_current_plugin_host_context` during this call; may be null.
///
/// Returns 0 if the function succeeded. Otherwise it returns the function's own code, or the code that the plug-in exited with, or
/// 134 if the plug-in was ended in the middle by a trap, by its deadline or by being cancelled, or -1 if something else went
/// wrong. `extism_plugin_error` says what did; so -1 and 134 can be told from the plug-in's own codes by
/// `plugwright_plugin_error_kind`. The plug-in can be called again after any of this.
///
/// It returns -1 if the plug-in is null, the name is null or not UTF-8, or the input is null with a length other than 0, and if a
/// host function calls the plug-in that is calling it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_call_with_host_context(
    plugin: *mut ExtismPlugin,
    func_name: *const c_char,
    data: *const u8,
    data_len: ExtismSize,
    host_context: *mut c_void,
) -> i32 {
    // SAFETY: the caller promises texts and arrays that are valid during this call.
    let call = |plugin: &mut Plugin| unsafe { run(plugin, func_name, data, data_len, host_context) };
    guard(-1, || {
        // SAFETY: the caller promises a plug-in or null.
        unsafe { with(plugin, -1, |plugin| plugin.alone(call).err().unwrap_or(0)) }
    })
}

/// Calls a function of the plug-in like `extism_plugin_call_with_host_context`, with a deadline for this call instead of the
/// plug-in's own: it ends after `timeout_ms` milliseconds, or never for `UINT64_MAX`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_plugin_call(
    plugin: *mut ExtismPlugin,
    func_name: *const c_char,
    data: *const u8,
    data_len: ExtismSize,
    timeout_ms: u64,
    host_context: *mut c_void,
) -> i32 {
    let call = |plugin: &mut Plugin| {
        let own = plugin.timeout();
        plugin.set_timeout(timeout(timeout_ms));
        // The plug-in's own comes back also after a panic: a pool may lend it to somebody else.
        // SAFETY: the caller promises texts and arrays that are valid during this call.
        let result = catch(|| unsafe { run(plugin, func_name, data, data_len, host_context) });
        plugin.set_timeout(own);
        result
    };
    guard(-1, || {
        // SAFETY: the caller promises a plug-in or null.
        unsafe { with(plugin, -1, |plugin| plugin.alone(call).err().unwrap_or(0)) }
    })
}

/// A time in milliseconds, `None` for ever.
pub(crate) fn timeout(milliseconds: u64) -> Option<Duration> {
    if milliseconds == u64::MAX { None } else { Some(Duration::from_millis(milliseconds)) }
}

/// Gives the output of the last call to `body`; without one for a plug-in that is null, or in a call of this thread's.
///
/// # Safety
///
/// `plugin` is null or a plug-in that is not freed meanwhile.
unsafe fn output<T>(plugin: *const ExtismPlugin, otherwise: T, body: impl FnOnce(&[u8]) -> T) -> T {
    let read = |plugin: &ExtismPlugin| match plugin.instance.enter() {
        Ok(instance) => body(instance.output()),
        Err(_) => body(&[]),
    };
    // SAFETY: the caller promises it.
    unsafe { with(plugin, otherwise, read) }
}

/// The length in bytes of the last call's output: 0 if it failed, or had no output, and for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_output_length(plugin: *const ExtismPlugin) -> ExtismSize {
    guard(0, || {
        // SAFETY: the caller promises a plug-in or null.
        unsafe { output(plugin, 0, |output| output.len() as ExtismSize) }
    })
}

/// The last call's output: as many bytes as `extism_plugin_output_length` says. It is null only for null.
///
/// The bytes are valid until the next call of the plug-in, and until `extism_plugin_reset`; they are not written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_output_data(plugin: *const ExtismPlugin) -> *const u8 {
    guard(ptr::null(), || {
        let first = |output: &[u8]| if output.is_empty() { &raw const NOTHING } else { output.as_ptr() };
        // SAFETY: the caller promises a plug-in or null.
        unsafe { output(plugin, ptr::null(), first) }
    })
}

/// Copies the last call's output to `buffer`, which has room for `capacity` bytes, and returns the output's length.
///
/// If that is more than `capacity`, or `buffer` is null, nothing is copied: ask again with more room. 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_plugin_output_copy(
    plugin: *const ExtismPlugin,
    buffer: *mut u8,
    capacity: ExtismSize,
) -> ExtismSize {
    guard(0, || {
        let copy = |output: &[u8]| {
            let len = output.len() as ExtismSize;
            if !buffer.is_null() && len <= capacity {
                // SAFETY: the caller promises room for `capacity` bytes, which is enough, apart from the plug-in's memory.
                unsafe { buffer.copy_from_nonoverlapping(output.as_ptr(), output.len()) };
            }
            len
        };
        // SAFETY: the caller promises a plug-in or null.
        unsafe { output(plugin, 0, copy) }
    })
}

#[cfg(test)]
mod tests {
    use super::overlap;

    #[test]
    fn overlaps_are_found() {
        let bytes = [0u8; 8];
        assert!(overlap(&bytes, &bytes));
        assert!(overlap(&bytes[..5], &bytes[4..]) && overlap(&bytes[4..], &bytes[..5]));
        assert!(overlap(&bytes[2..3], &bytes) && overlap(&bytes, &bytes[2..3]));
        assert!(!overlap(&bytes[..4], &bytes[4..]) && !overlap(&bytes[4..], &bytes[..4]));
        assert!(!overlap(&bytes, &[]) && !overlap(&[], &[]));
    }
}
