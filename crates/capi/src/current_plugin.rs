//! The plug-in that is calling a host function: its memory, and what the call brought along.

use std::ffi::{c_char, c_void};
use std::ptr;

use runtime::CurrentPlugin;

use crate::boundary::{guard, text};
use crate::error::Failure;
use crate::error::set_last;
use crate::function::ExtismSize;

/// The offset of a block in the memory that a plug-in shares with its host. 0 is no block.
pub type ExtismMemoryHandle = u64;

/// The plug-in that is calling a host function. It is valid in that call, on that thread, and not afterwards.
pub struct ExtismCurrentPlugin {
    /// Its lifetime is that of the call, which C cannot be told but in words.
    plugin: *mut CurrentPlugin<'static>,
    /// Why the host function fails, if it says that it does.
    failure: Option<String>,
}

/// The context of a call, which is the program's.
pub(crate) struct HostContext(pub(crate) *mut c_void);

// SAFETY: the pointer is never followed here; the program promises that it may be used on the thread that calls the plug-in.
unsafe impl Send for HostContext {}

impl ExtismCurrentPlugin {
    /// Lets `body` use the plug-in as C does, until it returns. The error is what it gave as the reason for failing.
    pub(crate) fn lend(plugin: &mut CurrentPlugin<'_>, body: impl FnOnce(*mut Self)) -> Result<(), String> {
        let mut lent = Self { plugin: ptr::from_mut(plugin).cast(), failure: None };
        body(&raw mut lent);
        match lent.failure {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }
}

/// Runs `body` with the plug-in that is calling; `otherwise` for null.
///
/// # Safety
///
/// `current` is null, or was passed to the host function that is running on this thread.
unsafe fn with<T>(
    current: *mut ExtismCurrentPlugin,
    otherwise: T,
    body: impl FnOnce(&mut CurrentPlugin<'_>) -> T,
) -> T {
    if current.is_null() {
        set_last(&Failure::argument("the current plug-in is null"));
        return otherwise;
    }
    // SAFETY: it is what `lend` made, which is still running with the plug-in borrowed. The program has one call of this
    // library at a time on this thread, and this function keeps no reference, so that the borrow is the only one.
    let plugin = unsafe { &mut *(*current).plugin };
    body(plugin)
}

/// The memory that the plug-in shares with its host, from its start: a block lies at its offset. Null if there is none.
///
/// It may move when a block is allocated, so ask again after that. It must not be used after the host function has returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_current_plugin_memory(plugin: *mut ExtismCurrentPlugin) -> *mut u8 {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises what `with` asks for.
        unsafe {
            with(plugin, ptr::null_mut(), |plugin| {
                plugin.kernel_memory().map_or(ptr::null_mut(), <[u8]>::as_mut_ptr)
            })
        }
    })
}

/// Allocates a block of `n` bytes, whose content is unspecified. It is freed with `extism_current_plugin_memory_free`, or by the
/// plug-in that gets it, or when the plug-in's next call begins.
///
/// Returns 0 if `n` is 0, if the plug-in may have no more memory, or for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_current_plugin_memory_alloc(
    plugin: *mut ExtismCurrentPlugin,
    n: ExtismSize,
) -> ExtismMemoryHandle {
    guard(0, || {
        // SAFETY: the caller promises what `with` asks for.
        unsafe {
            with(plugin, 0, |plugin| match plugin.alloc(n) {
                Ok(block) => block.offset(),
                Err(error) => {
                    set_last(&error.into());
                    0
                }
            })
        }
    })
}

/// The length in bytes of the block at this offset; 0 if no block begins there, or for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_current_plugin_memory_length(
    plugin: *mut ExtismCurrentPlugin,
    n: ExtismMemoryHandle,
) -> ExtismSize {
    guard(0, || {
        // SAFETY: the caller promises what `with` asks for.
        unsafe { with(plugin, 0, |plugin| plugin.memory(n).map_or(0, |block| block.len())) }
    })
}

/// Frees the block at this offset. Nothing happens if no block begins there, or for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_current_plugin_memory_free(
    plugin: *mut ExtismCurrentPlugin,
    ptr: ExtismMemoryHandle,
) {
    guard((), || {
        // SAFETY: the caller promises what `with` asks for.
        unsafe {
            with(plugin, (), |plugin| {
                if let Ok(block) = plugin.memory(ptr) {
                    plugin.free(block);
                }
            });
        }
    });
}

/// The context that was given to `extism_plugin_call_with_host_context`; null if none was, or for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_current_plugin_host_context(plugin: *mut ExtismCurrentPlugin) -> *mut c_void {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises what `with` asks for.
        unsafe {
            with(plugin, ptr::null_mut(), |plugin| {
                plugin.host_context::<HostContext>().map_or(ptr::null_mut(), |context| context.0)
            })
        }
    })
}

/// Makes the running host function fail, once it returns: its results are ignored, and the plug-in's call ends with an error of
/// kind `HostFunction` and this message. The last message counts; null takes it back.
///
/// Returns whether the message was taken: not if the plug-in is null, or the message not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_current_plugin_set_error(
    plugin: *mut ExtismCurrentPlugin,
    message: *const c_char,
) -> bool {
    guard(false, || {
        if plugin.is_null() {
            set_last(&Failure::argument("the current plug-in is null"));
            return false;
        }
        let failure = if message.is_null() {
            None
        } else {
            // SAFETY: it is not null, and the caller promises a text.
            match unsafe { text(message, "the message") } {
                Ok(message) => Some(message.to_owned()),
                Err(failure) => {
                    set_last(&failure);
                    return false;
                }
            }
        };
        // SAFETY: it is what `lend` made, which is still running; nobody else has a reference to it.
        unsafe { (*plugin).failure = failure };
        true
    })
}

/// The 16 bytes of the id of the plug-in that is calling, written to `id`: those of `extism_plugin_id`.
///
/// Returns false, and writes nothing, if one of the two is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_current_plugin_id(plugin: *mut ExtismCurrentPlugin, id: *mut u8) -> bool {
    guard(false, || {
        if id.is_null() {
            set_last(&Failure::argument("the buffer for the id is null"));
            return false;
        }
        // SAFETY: the caller promises what `with` asks for, and 16 bytes to write to.
        unsafe {
            with(plugin, false, |plugin| {
                id.copy_from_nonoverlapping(plugin.id().as_bytes().as_ptr(), 16);
                true
            })
        }
    })
}

/// The time in milliseconds until the call's deadline: 0 once it has passed, `UINT64_MAX` if the call has none, or for null.
///
/// A host function that waits for something should not wait longer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_current_plugin_time_left_ms(plugin: *mut ExtismCurrentPlugin) -> u64 {
    guard(u64::MAX, || {
        // SAFETY: the caller promises what `with` asks for.
        unsafe {
            with(plugin, u64::MAX, |plugin| {
                let left = plugin.time_left();
                left.map_or(u64::MAX, |left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
            })
        }
    })
}

/// Whether the call has been cancelled, so that nobody waits for the host function any more; false for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_current_plugin_is_cancelled(plugin: *mut ExtismCurrentPlugin) -> bool {
    guard(false, || {
        // SAFETY: the caller promises what `with` asks for.
        unsafe { with(plugin, false, |plugin| plugin.is_cancelled()) }
    })
}
