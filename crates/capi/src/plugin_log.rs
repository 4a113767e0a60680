//! A log of a plug-in's own, instead of the one that all plug-ins share.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use runtime::{LogLevel, LogRecord, PluginBuilder};

use crate::error::{Failure, c_string};
use crate::function::{ExtismSize, PlugwrightFree, UserData};
use crate::log::PlugwrightLogLevel;
use crate::options::{PlugwrightOptions, add};

/// Gets a message of a plug-in: `message` has `len` bytes of UTF-8, and a zero byte after them. `plugin_id` are the 16 bytes that
/// `extism_plugin_id` gives.
///
/// It runs on the thread that called the plug-in, during the call. It cannot use that plug-in, but all else.
pub type PlugwrightLogFunction = Option<
    unsafe extern "C" fn(
        message: *const c_char,
        len: ExtismSize,
        level: PlugwrightLogLevel,
        plugin_id: *const u8,
        data: *mut c_void,
    ),
>;

/// Passes what the plug-in logs to `log`, instead of to where `extism_log_file` and `extism_log_custom` say.
///
/// `user_data` is passed to each call of `log`. `free_user_data` is called once with it, when the options and all plug-ins that
/// were made with them are freed; it may be null. If this returns false, nothing is taken over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_log(
    options: *mut PlugwrightOptions,
    log: PlugwrightLogFunction,
    user_data: *mut c_void,
    free_user_data: PlugwrightFree,
) -> bool {
    let make = || {
        let log = log.ok_or_else(|| Failure::argument("the log function is null"))?;
        // SAFETY: the caller promises it. Nothing fails from here on, which would free what the caller keeps.
        let data = Arc::new(unsafe { UserData::new(user_data, free_user_data) });
        let callback = move |record: &LogRecord<'_>| {
            let message = c_string(record.message);
            let (len, id) = (message.count_bytes() as ExtismSize, record.plugin_id.into_bytes());
            // SAFETY: the caller of this function promised one of this type, that may be called with this data. The message and
            // the id stay until it returns.
            unsafe { log(message.as_ptr(), len, level_number(record.level), id.as_ptr(), data.pointer()) };
        };
        let callback = Arc::new(callback);
        Ok(move |builder: PluginBuilder| {
            let callback = callback.clone();
            builder.on_log(move |record| callback(record))
        })
    };
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, make) }
}

/// Drops messages of the plug-in that are less severe than `level`, a `PlugwrightLogLevel`. Everything is passed on at first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_options_log_level(options: *mut PlugwrightOptions, level: u32) -> bool {
    let make = || {
        let level = match level {
            0 => Some(LogLevel::Trace),
            1 => Some(LogLevel::Debug),
            2 => Some(LogLevel::Info),
            3 => Some(LogLevel::Warn),
            4 => Some(LogLevel::Error),
            5 => None,
            _ => return Err(Failure::argument(format!("{level} is not a log level"))),
        };
        Ok(move |builder: PluginBuilder| match level {
            Some(level) => builder.log_level(level),
            None => builder.log_off(),
        })
    };
    // SAFETY: the caller promises options that nobody else uses, or null.
    unsafe { add(options, make) }
}

fn level_number(level: LogLevel) -> PlugwrightLogLevel {
    match level {
        LogLevel::Trace => PlugwrightLogLevel::Trace,
        LogLevel::Debug => PlugwrightLogLevel::Debug,
        LogLevel::Info => PlugwrightLogLevel::Info,
        LogLevel::Warn => PlugwrightLogLevel::Warn,
        LogLevel::Error => PlugwrightLogLevel::Error,
    }
}
