//! Options: what plug-ins may do and have, without a manifest.

use std::ffi::c_char;
use std::path::PathBuf;
use std::ptr;
use std::time::Duration;

use runtime::{CompilationCache, HostFunction, PluginBuilder, Stdio};

use crate::boundary::{guard, reference, text};
use crate::compiled::ExtismCompiledPlugin;
use crate::error::{Failure, or_message, succeeds};
use crate::function::{self, ExtismFunction, ExtismSize, Place};
use crate::plugin::ExtismPlugin;
use crate::source;

/// A setting that has been made.
type Setting = Box<dyn Fn(PluginBuilder) -> PluginBuilder>;

/// What plug-ins may do and have. At first they may do nothing, as with a manifest that says nothing about it.
///
/// Options can be used for any number of plug-ins, and changed in between. What they say comes before what a manifest says; config
/// keys, hosts and paths are added to the manifest's. One thread at a time may use them.
#[derive(Default)]
pub struct PlugwrightOptions {
    settings: Vec<Setting>,
    functions: Vec<(Place, HostFunction)>,
}

/// Makes `builder` as the options say; null says nothing.
///
/// # Safety
///
/// `options` is null, or options that nobody changes meanwhile.
pub(crate) unsafe fn apply(
    options: *const PlugwrightOptions,
    builder: PluginBuilder,
) -> Result<PluginBuilder, Failure> {
    // SAFETY: the caller promises it.
    let Some(options) = (unsafe { reference(options) }) else { return Ok(builder) };
    let builder = builder.host_functions(function::last_of_each(options.functions.clone()));
    Ok(options.settings.iter().fold(builder, |builder, setting| setting(builder)))
}

/// Adds what `make` makes to the options.
///
/// # Safety
///
/// `options` is null, or options that nobody else uses meanwhile.
pub(crate) unsafe fn add<S: Fn(PluginBuilder) -> PluginBuilder + 'static>(
    options: *mut PlugwrightOptions,
    make: impl FnOnce() -> Result<S, Failure>,
) -> bool {
    let add = || {
        // SAFETY: the caller promises it.
        let options = unsafe { options.as_mut() }.ok_or_else(|| Failure::argument("the options are null"))?;
        options.settings.push(Box::new(make()?));
        Ok(())
    };
    guard(false, || succeeds(add()))
}

/// Makes options that allow nothing. They are freed by `plugwright_options_free`.
#[unsafe(no_mangle)]
pub extern "C" fn plugwright_options_new() -> *mut PlugwrightOptions {
    guard(ptr::null_mut(), || Box::into_raw(Box::default()))
}

/// Frees options. Plug-ins that were made with them keep what they need. Nothing happens for null. Options are freed once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_free(options: *mut PlugwrightOptions) {
    guard((), || {
        if !options.is_null() {
            // SAFETY: the caller got them from `plugwright_options_new`, and nobody uses them any more.
            drop(unsafe { Box::from_raw(options) });
        }
    });
}

/// Makes a plug-in as the options say, which may be null. The other arguments, the result and its errors are those of
/// `extism_plugin_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_plugin_new(
    options: *const PlugwrightOptions,
    wasm: *const u8,
    wasm_size: ExtismSize,
    errmsg: *mut *mut c_char,
) -> *mut ExtismPlugin {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises valid arguments.
        unsafe {
            or_message(errmsg, || {
                let builder = apply(options, PluginBuilder::new(source::read(wasm, wasm_size)?))?;
                ExtismPlugin::of(&builder.compile()?)
            })
        }
    })
}

/// Compiles a plug-in as the options say, which may be null. The other arguments, the result and its errors are those of
/// `extism_compiled_plugin_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_compiled_plugin_new(
    options: *const PlugwrightOptions,
    wasm: *const u8,
    wasm_size: ExtismSize,
    errmsg: *mut *mut c_char,
) -> *mut ExtismCompiledPlugin {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller promises valid arguments.
        unsafe {
            or_message(errmsg, || {
                let builder = apply(options, PluginBuilder::new(source::read(wasm, wasm_size)?))?;
                Ok(ExtismCompiledPlugin(builder.compile()?))
            })
        }
    })
}

/// Names the plug-in in errors and logs.
///
/// This function, and those below that return `bool`, return whether the option was set: not if the options are null, or an
/// argument is not valid (null, not UTF-8, out of range). Then `plugwright_last_error` says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_name(
    options: *mut PlugwrightOptions,
    name: *const c_char,
) -> bool {
    // SAFETY: the caller promises options and texts that are valid during this call, or null.
    unsafe {
        add(options, || {
            let name = text(name, "the name")?.to_owned();
            Ok(move |builder: PluginBuilder| builder.name(name.clone()))
        })
    }
}

/// Lends the plug-in a host function, which may be freed afterwards. Not one with a type that cannot be passed. Of functions with
/// the same name and module the last one counts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_function(
    options: *mut PlugwrightOptions,
    function: *const ExtismFunction,
) -> bool {
    let add = || {
        // SAFETY: the caller promises options that nobody else uses and a function that is not freed meanwhile, or null.
        let (options, function) = unsafe { (options.as_mut(), reference(function)) };
        let options = options.ok_or_else(|| Failure::argument("the options are null"))?;
        let function = function.ok_or_else(|| Failure::argument("the function is null"))?;
        options.functions.push((function.place(), function.host_function()?));
        Ok(())
    };
    guard(false, || succeeds(add()))
}

/// Whether the plug-in may use WASI preview 1: clocks, random numbers, and what other options grant. Off at first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_wasi(options: *mut PlugwrightOptions, on: bool) -> bool {
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, || Ok(move |builder: PluginBuilder| builder.wasi(on))) }
}

/// Whether what a WASI plug-in writes to its standard output and error goes to those of the process. Off at first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_inherit_output(
    options: *mut PlugwrightOptions,
    on: bool,
) -> bool {
    let to = move || if on { Stdio::Inherit } else { Stdio::Closed };
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, || Ok(move |builder: PluginBuilder| builder.stdout(to()).stderr(to()))) }
}

/// Limits the memory of the plug-in to so many pages of 64 KiB, all its memories together. 65536 at first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_max_pages(options: *mut PlugwrightOptions, pages: u32) -> bool {
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, || Ok(move |builder: PluginBuilder| builder.memory_max_pages(pages))) }
}

/// Ends each call after so many milliseconds. No limit at first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_timeout_ms(
    options: *mut PlugwrightOptions,
    milliseconds: u64,
) -> bool {
    let timeout = Duration::from_millis(milliseconds);
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, || Ok(move |builder: PluginBuilder| builder.timeout(timeout))) }
}

/// Ends each call after so much work, about a unit for each WebAssembly instruction. No limit at first; counting costs time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_fuel(options: *mut PlugwrightOptions, units: u64) -> bool {
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, || Ok(move |builder: PluginBuilder| builder.fuel(units))) }
}

/// Limits the bytes of the plug-in's variables, keys and values together. 1 MiB at first; 0 turns them off.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_max_var_bytes(
    options: *mut PlugwrightOptions,
    bytes: u64,
) -> bool {
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, || Ok(move |builder: PluginBuilder| builder.max_var_bytes(bytes))) }
}

/// Limits the body of an answer to one of the plug-in's HTTP requests, in bytes. 50 MiB at first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_max_http_response_bytes(
    options: *mut PlugwrightOptions,
    bytes: u64,
) -> bool {
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, || Ok(move |builder: PluginBuilder| builder.max_http_response_bytes(bytes))) }
}

/// Limits what the plug-in may log in a call, in bytes. 1 MiB at first; what is more is dropped, and a message says so.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_max_log_bytes(
    options: *mut PlugwrightOptions,
    bytes: u64,
) -> bool {
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, || Ok(move |builder: PluginBuilder| builder.max_log_bytes(bytes))) }
}

/// Limits the output of a call, in bytes. No limit at first, other than that of memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_max_output_bytes(
    options: *mut PlugwrightOptions,
    bytes: u64,
) -> bool {
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, || Ok(move |builder: PluginBuilder| builder.max_output_bytes(bytes))) }
}

/// Sets a value of the config that the plug-in reads.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_config(
    options: *mut PlugwrightOptions,
    key: *const c_char,
    value: *const c_char,
) -> bool {
    // SAFETY: the caller promises options and texts that are valid during this call, or null.
    unsafe {
        add(options, || {
            let (key, value) = (text(key, "the key")?.to_owned(), text(value, "the value")?.to_owned());
            Ok(move |builder: PluginBuilder| builder.config(key.clone(), value.clone()))
        })
    }
}

/// Lets the plug-in send HTTP requests to hosts whose name matches this glob, such as `*.example.com`. None at first. A pattern that
/// is no glob is an error of the plug-in that is made.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_allow_host(
    options: *mut PlugwrightOptions,
    pattern: *const c_char,
) -> bool {
    // SAFETY: the caller promises options and texts that are valid during this call, or null.
    unsafe {
        add(options, || {
            let pattern = text(pattern, "the pattern")?.to_owned();
            Ok(move |builder: PluginBuilder| builder.allow_host(pattern.clone()))
        })
    }
}

/// Shows a folder of the host to a WASI plug-in under the path `guest`. `ro:` in front of `host` makes it read-only. None at first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_allow_path(
    options: *mut PlugwrightOptions,
    host: *const c_char,
    guest: *const c_char,
) -> bool {
    // SAFETY: the caller promises options and texts that are valid during this call, or null.
    unsafe {
        add(options, || {
            let host = text(host, "the host's path")?.to_owned();
            let guest = PathBuf::from(text(guest, "the guest's path")?);
            Ok(move |builder: PluginBuilder| builder.allow_path(host.clone(), guest.clone()))
        })
    }
}

/// Sets an environment variable that a WASI plug-in sees. None at first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_env(
    options: *mut PlugwrightOptions,
    name: *const c_char,
    value: *const c_char,
) -> bool {
    // SAFETY: the caller promises options and texts that are valid during this call, or null.
    unsafe {
        add(options, || {
            let (name, value) = (text(name, "the name")?.to_owned(), text(value, "the value")?.to_owned());
            Ok(move |builder: PluginBuilder| builder.env(name.clone(), value.clone()))
        })
    }
}

/// Whether the plug-in sees the headers of the answers to its HTTP requests. Off at first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_http_response_headers(
    options: *mut PlugwrightOptions,
    on: bool,
) -> bool {
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, || Ok(move |builder: PluginBuilder| builder.http_response_headers(on))) }
}

/// Says where compiled code is kept, so that a plug-in is compiled once on a machine: in this folder; nowhere for null. At first it
/// is `$PLUGWRIGHT_CACHE_DIR`, else a folder in the user's cache folder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_cache_folder(
    options: *mut PlugwrightOptions,
    folder: *const c_char,
) -> bool {
    // SAFETY: the caller promises options and texts that are valid during this call, or null.
    unsafe {
        add(options, || {
            let cache = if folder.is_null() {
                CompilationCache::Off
            } else {
                CompilationCache::Folder(text(folder, "the folder")?.into())
            };
            Ok(move |builder: PluginBuilder| builder.cache(cache.clone()))
        })
    }
}
