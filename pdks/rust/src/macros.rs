//! Macros for logging, and those that hand-written exports use.

/// Logs at a level, with the arguments of `format!`, which are only looked at when the host writes messages of this level.
///
/// ```
/// use plugwright_pdk::{FnResult, LogLevel, info, log, plugin_fn};
///
/// #[plugin_fn]
/// pub fn greet(name: &str) -> FnResult<String> {
///     info!("greeting {name}");
///     log!(LogLevel::Debug, "the name has {} bytes", name.len());
///     Ok(format!("Hello, {name}"))
/// }
/// ```
#[macro_export]
macro_rules! log {
    ($level:expr, $($message:tt)+) => {{
        let level: $crate::LogLevel = $level;
        if level.is_enabled() {
            $crate::__private::log(level, ::core::format_args!($($message)+));
        }
    }};
}

/// Logs the finest detail; see [`log!`](crate::log!).
#[macro_export]
macro_rules! trace {
    ($($message:tt)+) => {
        $crate::log!($crate::LogLevel::Trace, $($message)+)
    };
}

/// Logs for whoever looks for a fault; see [`log!`](crate::log!).
#[macro_export]
macro_rules! debug {
    ($($message:tt)+) => {
        $crate::log!($crate::LogLevel::Debug, $($message)+)
    };
}

/// Logs what happens; see [`log!`](crate::log!).
#[macro_export]
macro_rules! info {
    ($($message:tt)+) => {
        $crate::log!($crate::LogLevel::Info, $($message)+)
    };
}

/// Logs what may be wrong; see [`log!`](crate::log!).
#[macro_export]
macro_rules! warn {
    ($($message:tt)+) => {
        $crate::log!($crate::LogLevel::Warn, $($message)+)
    };
}

/// Logs what is wrong; see [`log!`](crate::log!).
#[macro_export]
macro_rules! error {
    ($($message:tt)+) => {
        $crate::log!($crate::LogLevel::Error, $($message)+)
    };
}

/// Sets a variable to a text with the arguments of `format!`; the result is that of [`var::set`](crate::var::set).
///
/// ```
/// use plugwright_pdk::{FnResult, plugin_fn, set_var};
///
/// #[plugin_fn]
/// pub fn remember(name: &str) -> FnResult<()> {
///     set_var!("greeting", "Hello, {name}")?;
///     Ok(())
/// }
/// ```
#[macro_export]
macro_rules! set_var {
    ($key:expr, $($value:tt)+) => {
        $crate::var::set($key, $crate::__private::format(::core::format_args!($($value)+)))
    };
}

/// The value of a `Result` in a function that returns the code of a call: an error becomes the call's error, and the code -1.
///
/// ```
/// use plugwright_pdk::{input, output, unwrap};
///
/// /// What `#[plugin_fn]` writes, by hand.
/// extern "C" fn upper() -> i32 {
///     let text: String = unwrap!(input());
///     unwrap!(output(text.to_uppercase()));
///     0
/// }
/// ```
#[macro_export]
macro_rules! unwrap {
    ($result:expr) => {
        match $result {
            ::core::result::Result::Ok(value) => value,
            ::core::result::Result::Err(error) => return $crate::__private::fail_debug(&error),
        }
    };
}
