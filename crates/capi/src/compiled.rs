//! Compiled plug-ins: code that is compiled once, for any number of plug-ins.

use std::env;
use std::ffi::c_char;
use std::ptr;

use runtime::{CompiledPlugin, PluginBuilder, Stdio};

use crate::boundary::guard;
use crate::error::{Failure, or_message};
use crate::function::{self, ExtismFunction, ExtismSize};
use crate::source;

/// The variable that makes WASI plug-ins write to the standard output and error of the process, here as in the public library.
const WASI_OUTPUT: &str = "EXTISM_ENABLE_WASI_OUTPUT";

/// The code of a plug-in, compiled, with its settings and host functions. Threads may use it at the same time.
pub struct ExtismCompiledPlugin(pub(crate) CompiledPlugin);

/// Compiles a plug-in.
///
/// # Safety
///
/// `wasm` and `functions` are null or arrays of these lengths, of valid elements.
pub(crate) unsafe fn compile(
    wasm: *const u8,
    wasm_size: ExtismSize,
    functions: *const *const ExtismFunction,
    n_functions: ExtismSize,
    with_wasi: bool,
    fuel: Option<u64>,
) -> Result<CompiledPlugin, Failure> {
    // SAFETY: the caller promises it.
    let (source, functions) =
        unsafe { (source::read(wasm, wasm_size)?, function::read_all(functions, n_functions)?) };
    let mut builder = PluginBuilder::new(source).wasi(with_wasi).host_functions(functions);
    if let Some(fuel) = fuel {
        builder = builder.fuel(fuel);
    }
    if env::var_os(WASI_OUTPUT).is_some() {
        builder = builder.stdout(Stdio::Inherit).stderr(Stdio::Inherit);
    }
    Ok(builder.compile()?)
}

/// Compiles a plug-in, for `extism_plugin_new_from_compiled`. The arguments, and the errors, are those of `extism_plugin_new`. It is
/// freed by `extism_compiled_plugin_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_compiled_plugin_new(
    wasm: *const u8,
    wasm_size: ExtismSize,
    functions: *const *const ExtismFunction,
    n_functions: ExtismSize,
    with_wasi: bool,
    errmsg: *mut *mut c_char,
) -> *mut ExtismCompiledPlugin {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises valid arguments.
        unsafe {
            or_message(errmsg, || {
                compile(wasm, wasm_size, functions, n_functions, with_wasi, None).map(ExtismCompiledPlugin)
            })
        }
    })
}

/// Like `extism_compiled_plugin_new`, with a limit for each call: it ends after about `fuel_limit` WebAssembly instructions.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_compiled_plugin_new_with_fuel_limit(
    wasm: *const u8,
    wasm_size: ExtismSize,
    functions: *const *const ExtismFunction,
    n_functions: ExtismSize,
    with_wasi: bool,
    fuel_limit: u64,
    errmsg: *mut *mut c_char,
) -> *mut ExtismCompiledPlugin {
    guard(ptr::null_mut(), || {
        let fuel = Some(fuel_limit);
        // SAFETY: the caller promises valid arguments.
        unsafe {
            or_message(errmsg, || {
                compile(wasm, wasm_size, functions, n_functions, with_wasi, fuel).map(ExtismCompiledPlugin)
            })
        }
    })
}

/// Frees compiled code. Plug-ins and pools that were made of it keep what they need.
///
/// Nothing happens for null. Compiled code is freed once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_compiled_plugin_free(plugin: *mut ExtismCompiledPlugin) {
    guard((), || {
        if !plugin.is_null() {
            // SAFETY: the caller got it from this library, and nobody uses it any more.
            drop(unsafe { Box::from_raw(plugin) });
        }
    });
}
