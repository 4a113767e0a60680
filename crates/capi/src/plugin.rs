//! A plug-in: one instance, to be called.

use std::collections::BTreeMap;
use std::ffi::c_char;
use std::ops::{Deref, DerefMut};
use std::ptr;

use runtime::{CompiledPlugin, Plugin, PooledPlugin};

use crate::boundary::{array, catch, guard, reference, text};
use crate::cancel::ExtismCancelHandle;
use crate::compiled::{self, ExtismCompiledPlugin};
use crate::error::{Failure, LastFailure, PlugwrightErrorKind, or_message, set_last};
use crate::function::{ExtismFunction, ExtismSize};
use crate::serial::Serial;

/// A plug-in: one instance of its code, with its variables.
///
/// Threads may use it at the same time: each call waits until those before it are done. What a call left (the output, the error)
/// is then that of whichever call was last, and a pointer to it ends with another thread's next call; so threads that want their
/// results should have plug-ins of their own, or take them from a pool. A host function cannot use the plug-in that is calling it: it
/// gets an error.
pub struct ExtismPlugin {
    compiled: CompiledPlugin,
    id: [u8; 16],
    pub(crate) cancel: ExtismCancelHandle,
    pub(crate) instance: Serial<Instance>,
    pub(crate) failure: LastFailure,
}

/// Whose the instance is.
pub(crate) enum Instance {
    Own(Plugin),
    Pooled(PooledPlugin),
}

impl Deref for Instance {
    type Target = Plugin;

    fn deref(&self) -> &Plugin {
        match self {
            Self::Own(plugin) => plugin,
            Self::Pooled(plugin) => plugin,
        }
    }
}

impl DerefMut for Instance {
    fn deref_mut(&mut self) -> &mut Plugin {
        match self {
            Self::Own(plugin) => plugin,
            Self::Pooled(plugin) => plugin,
        }
    }
}

impl ExtismPlugin {
    pub(crate) fn new(compiled: CompiledPlugin, instance: Instance) -> Self {
        Self {
            compiled,
            id: instance.id().into_bytes(),
            cancel: ExtismCancelHandle::new(instance.cancel_handle()),
            instance: Serial::new(instance),
            failure: LastFailure::default(),
        }
    }

    pub(crate) fn of(compiled: &CompiledPlugin) -> Result<Self, Failure> {
        let plugin = compiled.instantiate()?;
        Ok(Self::new(compiled.clone(), Instance::Own(plugin)))
    }

    /// Lets `body` use the instance, when no other thread does. What it fails with is the plug-in's last error.
    ///
    /// # Errors
    ///
    /// The code of the failure, which is -1 when this thread is in a call of the plug-in.
    #[inline]
    pub(crate) fn alone<T>(&self, body: impl FnOnce(&mut Plugin) -> Result<T, Failure>) -> Result<T, i32> {
        let Ok(mut instance) = self.instance.enter() else { return Err(self.fail(Failure::reentered())) };
        self.failure.clear();
        match catch(|| body(&mut instance)) {
            Ok(value) => {
                // A host function may have tried to use this plug-in, which is not this call's failure.
                self.failure.clear();
                Ok(value)
            }
            // Before the next thread enters, whose result this must not become.
            Err(failure) => Err(self.fail(failure)),
        }
    }

    #[cold]
    fn fail(&self, failure: Failure) -> i32 {
        let code = failure.code();
        self.failure.set(failure);
        code
    }
}

impl Drop for ExtismPlugin {
    fn drop(&mut self) {
        // Before its instance returns to a pool: this runs before the fields are dropped.
        self.cancel.revoke();
    }
}

/// Runs `body` with the plug-in; `otherwise` for null.
///
/// # Safety
///
/// `plugin` is null or a plug-in that is not freed meanwhile.
#[inline]
pub(crate) unsafe fn with<T>(
    plugin: *const ExtismPlugin,
    otherwise: T,
    body: impl FnOnce(&ExtismPlugin) -> T,
) -> T {
    // SAFETY: the caller promises it. A plug-in is changed only behind locks.
    match unsafe { reference(plugin) } {
        Some(plugin) => body(plugin),
        None => {
            set_last(&Failure::argument("the plug-in is null"));
            otherwise
        }
    }
}

/// Makes a plug-in. It is freed by `extism_plugin_free`.
///
/// - `wasm`: `wasm_size` bytes, which are a WebAssembly binary, WebAssembly text, or a manifest in JSON or TOML. They are copied,
///   and so is what a manifest refers to as `{"ptr": ..., "len": ...}`.
/// - `functions`: the `n_functions` host functions that the plug-in may import; null if there are none. They remain the
///   caller's, who may free them as soon as this returns. Of functions with the same name and module the last one counts.
/// - `with_wasi`: whether the plug-in may use WASI preview 1.
/// - `errmsg`: if it is not null, it gets null, or the error if there is one: a text that is freed by
///   `extism_plugin_new_error_free`.
///
/// Returns null if there is an error. It is one if `wasm` is null or empty, if `functions` is null with a length other than 0 or
/// has a null in it, or if one of the functions has a type that cannot be passed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_new(
    wasm: *const u8,
    wasm_size: ExtismSize,
    functions: *const *const ExtismFunction,
    n_functions: ExtismSize,
    with_wasi: bool,
    errmsg: *mut *mut c_char,
) -> *mut ExtismPlugin {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises valid arguments.
        unsafe {
            or_message(errmsg, || {
                let compiled = compiled::compile(wasm, wasm_size, functions, n_functions, with_wasi, None)?;
                ExtismPlugin::of(&compiled)
            })
        }
    })
}

/// Like `extism_plugin_new`, with a limit for each call: it ends after about `fuel_limit` WebAssembly instructions.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_new_with_fuel_limit(
    wasm: *const u8,
    wasm_size: ExtismSize,
    functions: *const *const ExtismFunction,
    n_functions: ExtismSize,
    with_wasi: bool,
    fuel_limit: u64,
    errmsg: *mut *mut c_char,
) -> *mut ExtismPlugin {
    guard(ptr::null_mut(), || {
        let fuel = Some(fuel_limit);
        // SAFETY: the caller promises valid arguments.
        unsafe {
            or_message(errmsg, || {
                let compiled = compiled::compile(wasm, wasm_size, functions, n_functions, with_wasi, fuel)?;
                ExtismPlugin::of(&compiled)
            })
        }
    })
}

/// Makes a plug-in of compiled code, which may be freed before the plug-in. It is freed by `extism_plugin_free`.
///
/// Returns null if there is an error, which goes to `errmsg` as with `extism_plugin_new`; it is one if `compiled` is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_new_from_compiled(
    compiled: *const ExtismCompiledPlugin,
    errmsg: *mut *mut c_char,
) -> *mut ExtismPlugin {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises valid arguments.
        unsafe {
            or_message(errmsg, || {
                let compiled = reference(compiled);
                let compiled = compiled.ok_or_else(|| Failure::argument("the compiled plug-in is null"))?;
                ExtismPlugin::of(&compiled.0)
            })
        }
    })
}

/// Frees a plug-in, and with it its output, its error and its cancel handle. A plug-in from a pool returns there.
///
/// A call that another thread is in is waited for; none may be waiting for that one to end. Nothing happens for null, nor if a host
/// function does this to the plug-in that is calling it. A plug-in is freed once, and not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_free(plugin: *mut ExtismPlugin) {
    guard((), || {
        if plugin.is_null() {
            return;
        }
        // SAFETY: it is not null, and the caller promises that it has not been freed.
        let free = unsafe { with(plugin, false, |plugin| plugin.alone(|_| Ok(())).is_ok()) };
        if free {
            // SAFETY: it came from `Box::into_raw`, no call is running, and the caller promises that none will.
            drop(unsafe { Box::from_raw(plugin) });
        }
    });
}

/// The plug-in's id: 16 bytes, a random UUID, which stay until the plug-in is freed. Null for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_id(plugin: *const ExtismPlugin) -> *const u8 {
    guard(ptr::null(), || {
        // SAFETY: the caller promises a plug-in or null.
        unsafe { with(plugin, ptr::null(), |plugin| plugin.id.as_ptr()) }
    })
}

/// Whether the plug-in has a function of this name that can be called; false if one of the two is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_function_exists(
    plugin: *const ExtismPlugin,
    func_name: *const c_char,
) -> bool {
    guard(false, || {
        // SAFETY: the caller promises a plug-in or null, and a text or null.
        unsafe {
            with(plugin, false, |plugin| match text(func_name, "the function's name") {
                Ok(name) => plugin.compiled.function_exists(name),
                Err(failure) => {
                    set_last(&failure);
                    false
                }
            })
        }
    })
}

/// Changes the config that the plug-in reads: `json` is an object of `json_size` bytes. A key with a text is set, one with `null`
/// is removed, others stay.
///
/// Returns whether it was done. If not, `extism_plugin_error` says why, and nothing has changed: when it is no such object, or
/// null, or a host function does this to the plug-in that is calling it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_config(
    plugin: *mut ExtismPlugin,
    json: *const u8,
    json_size: ExtismSize,
) -> bool {
    let change = |plugin: &mut Plugin| {
        // SAFETY: the caller promises an array or null.
        let json = unsafe { array(json, json_size, "the config") }?;
        let changes: BTreeMap<String, Option<String>> = serde_json::from_slice(json).map_err(|error| {
            let text =
                format!("the config must be a JSON object of texts, or null for what is removed: {error}");
            Failure::argument(text)
        })?;
        plugin.update_config(changes);
        Ok(())
    };
    guard(false, || {
        // SAFETY: the caller promises a plug-in or null.
        unsafe { with(plugin, false, |plugin| plugin.alone(change).is_ok()) }
    })
}

/// Frees what calls have left in the memory that the plug-in shares with its host, the output for one. Variables, and the plug-in's
/// own memory, stay.
///
/// Returns whether it was done: not for null, nor if a host function does this to the plug-in that is calling it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_reset(plugin: *mut ExtismPlugin) -> bool {
    let reset = |plugin: &mut Plugin| {
        plugin.reset();
        Ok(())
    };
    guard(false, || {
        // SAFETY: the caller promises a plug-in or null.
        unsafe { with(plugin, false, |plugin| plugin.alone(reset).is_ok()) }
    })
}

/// Shows the plug-in the headers of the answers to its HTTP requests, from now on. Nothing happens for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_allow_http_response_headers(plugin: *mut ExtismPlugin) {
    let allow = |plugin: &mut Plugin| {
        plugin.set_http_response_headers(true);
        Ok(())
    };
    guard((), || {
        // SAFETY: the caller promises a plug-in or null. A failure is the plug-in's last error.
        let _done = unsafe { with(plugin, Err(0), |plugin| plugin.alone(allow)) };
    });
}

/// The error of the plug-in's last call, or of what else was done with it last; null if it went well, or for null.
///
/// The text is valid until the next call of the plug-in, or until something else that is done with it fails. It is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_error(plugin: *const ExtismPlugin) -> *const c_char {
    guard(ptr::null(), || {
        // SAFETY: the caller promises a plug-in or null.
        unsafe { with(plugin, ptr::null(), |plugin| plugin.failure.text()) }
    })
}

/// An older name of `extism_plugin_error`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_error(plugin: *const ExtismPlugin) -> *const c_char {
    // SAFETY: the caller promises the same.
    unsafe { extism_plugin_error(plugin) }
}

/// What kind of error `extism_plugin_error` has the text of; `None` if there is none, or for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_plugin_error_kind(plugin: *const ExtismPlugin) -> PlugwrightErrorKind {
    guard(PlugwrightErrorKind::None, || {
        // SAFETY: the caller promises a plug-in or null.
        unsafe { with(plugin, PlugwrightErrorKind::None, |plugin| plugin.failure.kind()) }
    })
}

/// Where in the plug-in the error happened: a line for each of its functions that were running, innermost first. Null if that is
/// not known, if there is no error, or for null.
///
/// The text is valid as long as that of `extism_plugin_error`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_plugin_error_backtrace(plugin: *const ExtismPlugin) -> *const c_char {
    guard(ptr::null(), || {
        // SAFETY: the caller promises a plug-in or null.
        unsafe { with(plugin, ptr::null(), |plugin| plugin.failure.backtrace()) }
    })
}
