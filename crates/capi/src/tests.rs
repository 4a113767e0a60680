//! What holds for every function of the library.

use std::collections::BTreeSet;
use std::ffi::{CStr, c_char, c_void};
use std::path::Path;
use std::{fs, ptr};

use crate::error::PlugwrightErrorKind;
use crate::value::{ExtismVal, RawValType};
use crate::{
    call, cancel, compiled, compiled_code, current_plugin, error, function, log, options, plugin, plugin_log,
    pool, version,
};

/// The source of each exported function, by its name.
fn exported() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() || path.ends_with("tests.rs") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for part in source.split("#[unsafe(no_mangle)]\n").skip(1) {
            let (_, rest) = part.split_once("extern \"C\" fn ").unwrap();
            let (name, rest) = rest.split_once('(').unwrap();
            let (body, _) = rest.split_once("\n}\n").unwrap();
            found.push((name.to_owned(), body.to_owned()));
        }
    }
    assert!(found.len() > 50, "{}", found.len());
    found
}

#[test]
fn no_panic_crosses_the_border() {
    let exported = exported();
    let names: BTreeSet<&str> = exported.iter().map(|(name, _)| name.as_str()).collect();
    for (name, body) in &exported {
        let (_, body) = body.split_once(" {\n").unwrap();
        // `add` is the guard of the options.
        let guarded = body.contains("guard(") || body.contains("add(options, ");
        let delegated = names.iter().any(|other| body.contains(&format!("unsafe {{ {other}(")));
        assert!(guarded || delegated, "`{name}` does its work outside of the guard");
    }
}

#[test]
fn every_function_is_in_the_header_and_documented() {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/plugwright.h");
    let header = fs::read_to_string(header).unwrap();
    for (name, _) in exported() {
        let at = header.find(&format!("{name}(")).unwrap_or_else(|| panic!("`{name}` is not in the header"));
        let before = header[..at].trim_end_matches(|c: char| c != '\n').trim_end();
        assert!(before.ends_with("*/"), "`{name}` has no documentation in the header");
    }
}

#[test]
fn every_function_is_called_with_nulls_below_and_in_c() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let here = fs::read_to_string(root.join("src/tests.rs")).unwrap();
    let (_, below) = here.split_once("fn nothing_happens_with_nulls()").unwrap();
    let mut c = String::new();
    for entry in fs::read_dir(root.join("tests/c")).unwrap() {
        c.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    for (name, _) in exported() {
        assert!(below.contains(&format!("{name}(")), "`{name}` is not called below");
        assert!(c.contains(&format!("{name}(")), "`{name}` is not called by a test in C");
    }
}

unsafe extern "C" fn host_function(
    _: *mut current_plugin::ExtismCurrentPlugin,
    _: *const ExtismVal,
    _: u64,
    _: *mut ExtismVal,
    _: u64,
    _: *mut c_void,
) {
}

unsafe extern "C" fn never_freed(_: *mut c_void) {
    unreachable!("nothing was taken over");
}

/// The message that a function wrote, freed.
///
/// # Safety
///
/// It is null, or from a function of this library.
unsafe fn message(errmsg: *mut c_char) -> String {
    assert!(!errmsg.is_null(), "no message");
    // SAFETY: as the caller promises.
    unsafe {
        let text = CStr::from_ptr(errmsg).to_str().unwrap().to_owned();
        error::extism_plugin_new_error_free(errmsg);
        text
    }
}

/// Nulls for everything, and lengths without arrays.
#[test]
#[expect(clippy::too_many_lines, reason = "a list of all functions")]
fn nothing_happens_with_nulls() {
    let null = ptr::null_mut::<u8>();
    let mut errmsg: *mut c_char = ptr::null_mut();
    // SAFETY: that is what is tested: null may be passed everywhere.
    unsafe {
        assert!(!version::extism_version().is_null());
        assert!(!version::plugwright_version().is_null());

        assert!(plugin::extism_plugin_new(null, 0, ptr::null(), 0, false, ptr::null_mut()).is_null());
        assert!(plugin::extism_plugin_new(null, 0, ptr::null(), 0, false, &raw mut errmsg).is_null());
        assert!(message(errmsg).contains("empty"));
        assert!(plugin::extism_plugin_new(null, 5, ptr::null(), 0, false, &raw mut errmsg).is_null());
        assert_eq!(message(errmsg), "the plug-in's code is null, but its length is 5");
        let wat = b"(module)";
        assert!(plugin::extism_plugin_new(wat.as_ptr(), 8, ptr::null(), 2, false, &raw mut errmsg).is_null());
        assert_eq!(message(errmsg), "the array of functions is null, but its length is 2");
        let functions = [ptr::null()];
        let one = functions.as_ptr();
        assert!(plugin::extism_plugin_new(wat.as_ptr(), 8, one, 1, false, &raw mut errmsg).is_null());
        assert_eq!(message(errmsg), "function 0 is null");
        assert!(plugin::extism_plugin_new(wat.as_ptr(), 8, one, u64::MAX, false, &raw mut errmsg).is_null());
        assert!(message(errmsg).contains("more than a plug-in can have"));
        assert!(plugin::extism_plugin_new(wat.as_ptr(), u64::MAX, one, 0, false, &raw mut errmsg).is_null());
        assert!(message(errmsg).contains("cannot have the length"));
        let with_fuel = plugin::extism_plugin_new_with_fuel_limit;
        assert!(with_fuel(null, 0, ptr::null(), 0, false, 9, &raw mut errmsg).is_null());
        assert!(message(errmsg).contains("empty"));
        assert!(
            plugin::extism_plugin_new_with_fuel_limit(null, 1, one, 0, false, 9, ptr::null_mut()).is_null()
        );
        assert!(plugin::extism_plugin_new_from_compiled(ptr::null(), &raw mut errmsg).is_null());
        assert_eq!(message(errmsg), "the compiled plug-in is null");
        assert!(plugin::extism_plugin_new_from_compiled(ptr::null(), ptr::null_mut()).is_null());
        error::extism_plugin_new_error_free(ptr::null_mut());
        plugin::extism_plugin_free(ptr::null_mut());
        assert!(plugin::extism_plugin_id(ptr::null()).is_null());
        assert!(!plugin::extism_plugin_function_exists(ptr::null(), c"f".as_ptr()));
        assert!(!plugin::extism_plugin_config(ptr::null_mut(), null, 0));
        assert!(!plugin::extism_plugin_reset(ptr::null_mut()));
        plugin::extism_plugin_allow_http_response_headers(ptr::null_mut());
        assert!(plugin::extism_plugin_error(ptr::null()).is_null());
        assert!(plugin::extism_error(ptr::null()).is_null());
        assert_eq!(plugin::plugwright_plugin_error_kind(ptr::null()), PlugwrightErrorKind::None);
        assert!(plugin::plugwright_plugin_error_backtrace(ptr::null()).is_null());
        assert_eq!(error::plugwright_last_error_kind(), PlugwrightErrorKind::InvalidArgument);
        assert_eq!(CStr::from_ptr(error::plugwright_last_error()), c"the plug-in is null");

        assert_eq!(call::extism_plugin_call(ptr::null_mut(), ptr::null(), null, 0), -1);
        let context = ptr::null_mut();
        assert_eq!(
            call::extism_plugin_call_with_host_context(ptr::null_mut(), ptr::null(), null, 0, context),
            -1
        );
        assert_eq!(call::plugwright_plugin_call(ptr::null_mut(), ptr::null(), null, 0, 0, context), -1);
        assert_eq!(call::extism_plugin_output_length(ptr::null()), 0);
        assert!(call::extism_plugin_output_data(ptr::null()).is_null());
        assert_eq!(call::plugwright_plugin_output_copy(ptr::null(), null, 9), 0);

        assert!(cancel::extism_plugin_cancel_handle(ptr::null()).is_null());
        assert!(!cancel::extism_plugin_cancel(ptr::null()));
        assert!(cancel::plugwright_cancel_handle_new(ptr::null()).is_null());
        cancel::plugwright_cancel_handle_free(ptr::null_mut());

        assert!(
            compiled::extism_compiled_plugin_new(null, 0, ptr::null(), 0, false, &raw mut errmsg).is_null()
        );
        assert!(message(errmsg).contains("empty"));
        let with_fuel = compiled::extism_compiled_plugin_new_with_fuel_limit(
            null,
            0,
            ptr::null(),
            0,
            false,
            0,
            ptr::null_mut(),
        );
        assert!(with_fuel.is_null());
        compiled::extism_compiled_plugin_free(ptr::null_mut());
        assert!(compiled_code::plugwright_compiled_plugin_to_bytes(ptr::null(), &raw mut errmsg).is_null());
        assert_eq!(message(errmsg), "the compiled plug-in is null");
        let from_bytes = compiled_code::plugwright_compiled_plugin_from_trusted_bytes;
        assert!(from_bytes(ptr::null(), null, 0, &raw mut errmsg).is_null());
        assert!(message(errmsg).contains("not a compiled plug-in"));
        assert!(from_bytes(ptr::null(), null, 1, &raw mut errmsg).is_null());
        assert_eq!(message(errmsg), "the compiled code is null, but its length is 1");
        // Through the name, for the list above.
        assert!(
            compiled_code::plugwright_compiled_plugin_from_trusted_bytes(
                ptr::null(),
                null,
                0,
                ptr::null_mut()
            )
            .is_null()
        );
        assert_eq!(compiled_code::plugwright_bytes_length(ptr::null()), 0);
        assert!(compiled_code::plugwright_bytes_data(ptr::null()).is_null());
        compiled_code::plugwright_bytes_free(ptr::null_mut());

        let types = [RawValType(1)];
        let (ty, no_type) = (types.as_ptr(), ptr::null());
        let (free, data) = (Some(never_freed as unsafe extern "C" fn(*mut c_void)), ptr::null_mut());
        let code: function::ExtismFunctionType = Some(host_function);
        let name = c"f".as_ptr();
        assert!(function::extism_function_new(ptr::null(), ty, 1, ty, 1, code, data, free).is_null());
        assert!(function::extism_function_new(c"\xff".as_ptr(), ty, 1, ty, 1, code, data, free).is_null());
        assert!(function::extism_function_new(name, no_type, 1, ty, 1, code, data, free).is_null());
        assert!(function::extism_function_new(name, ty, 1, no_type, 1, code, data, free).is_null());
        assert!(function::extism_function_new(name, ty, u64::MAX, ty, 1, code, data, free).is_null());
        assert!(function::extism_function_new(name, ty, 1, ty, 1001, code, data, free).is_null());
        assert!(function::extism_function_new(name, ty, 1, ty, 1, None, data, free).is_null());
        let function = function::extism_function_new(name, no_type, 0, no_type, 0, code, data, None);
        assert!(!function.is_null());
        function::extism_function_set_namespace(function, ptr::null());
        function::extism_function_set_namespace(function, c"\xff".as_ptr());
        function::extism_function_set_namespace(ptr::null_mut(), c"n".as_ptr());
        function::extism_function_free(function);
        function::extism_function_free(ptr::null_mut());

        let nobody = ptr::null_mut();
        assert!(current_plugin::extism_current_plugin_memory(nobody).is_null());
        assert_eq!(current_plugin::extism_current_plugin_memory_alloc(nobody, 5), 0);
        assert_eq!(current_plugin::extism_current_plugin_memory_length(nobody, 5), 0);
        current_plugin::extism_current_plugin_memory_free(nobody, 5);
        assert!(current_plugin::extism_current_plugin_host_context(nobody).is_null());
        assert!(!current_plugin::plugwright_current_plugin_set_error(nobody, c"e".as_ptr()));
        assert!(!current_plugin::plugwright_current_plugin_id(nobody, null));
        assert_eq!(current_plugin::plugwright_current_plugin_time_left_ms(nobody), u64::MAX);
        assert!(!current_plugin::plugwright_current_plugin_is_cancelled(nobody));

        assert!(!log::extism_log_file(c"no-such-folder/log".as_ptr(), ptr::null()));
        assert!(!log::extism_log_file(ptr::null(), c"loud".as_ptr()));
        assert!(!log::extism_log_custom(c"\xff".as_ptr()));
        log::extism_log_drain(None);
        log::plugwright_log_buffer_limit(4 << 20);

        assert!(pool::plugwright_pool_new(ptr::null(), 1).is_null());
        assert!(pool::plugwright_pool_acquire(ptr::null(), 0, &raw mut errmsg).is_null());
        assert_eq!(message(errmsg), "the pool is null");
        pool::plugwright_pool_release(ptr::null_mut());
        assert_eq!(pool::plugwright_pool_max(ptr::null()), 0);
        assert_eq!(pool::plugwright_pool_available(ptr::null()), 0);
        pool::plugwright_pool_free(ptr::null_mut());

        for there in [false, true] {
            let options = if there { options::plugwright_options_new() } else { ptr::null_mut() };
            let none = ptr::null();
            assert!(!options::plugwright_options_name(options, none));
            assert!(!options::plugwright_options_function(options, ptr::null()));
            assert!(!options::plugwright_options_config(options, none, c"v".as_ptr()));
            assert!(!options::plugwright_options_config(options, c"k".as_ptr(), none));
            assert!(!options::plugwright_options_allow_host(options, none));
            assert!(!options::plugwright_options_allow_path(options, none, c"g".as_ptr()));
            assert!(!options::plugwright_options_allow_path(options, c"h".as_ptr(), none));
            assert!(!options::plugwright_options_env(options, none, c"v".as_ptr()));
            assert!(!options::plugwright_options_env(options, c"n".as_ptr(), none));
            assert!(!plugin_log::plugwright_options_log(options, None, data, free));
            assert!(!plugin_log::plugwright_options_log_level(options, 6));
            // These need nothing but the options.
            assert_eq!(options::plugwright_options_wasi(options, false), there);
            assert_eq!(options::plugwright_options_inherit_output(options, false), there);
            assert_eq!(options::plugwright_options_max_pages(options, 1), there);
            assert_eq!(options::plugwright_options_timeout_ms(options, 1), there);
            assert_eq!(options::plugwright_options_fuel(options, 1), there);
            assert_eq!(options::plugwright_options_max_var_bytes(options, 1), there);
            assert_eq!(options::plugwright_options_max_http_response_bytes(options, 1), there);
            assert_eq!(options::plugwright_options_max_log_bytes(options, 1), there);
            assert_eq!(options::plugwright_options_max_output_bytes(options, 1), there);
            assert_eq!(options::plugwright_options_http_response_headers(options, true), there);
            assert_eq!(options::plugwright_options_cache_folder(options, none), there);
            assert_eq!(plugin_log::plugwright_options_log_level(options, 5), there);
            assert!(options::plugwright_plugin_new(options, null, 0, &raw mut errmsg).is_null());
            assert!(message(errmsg).contains("empty"));
            assert!(options::plugwright_compiled_plugin_new(options, null, 0, ptr::null_mut()).is_null());
            options::plugwright_options_free(options);
        }
    }
}
