//! Messages to the host's log.

use core::fmt;

use crate::{Memory, sys};

/// How important a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// The finest detail.
    Trace,
    /// For whoever looks for a fault.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

impl LogLevel {
    /// The level as the host counts it: 0 for `Trace` to 4 for `Error`.
    pub const fn to_int(self) -> i32 {
        match self {
            Self::Trace => 0,
            Self::Debug => 1,
            Self::Info => 2,
            Self::Warn => 3,
            Self::Error => 4,
        }
    }

    /// Whether the host writes messages of this level.
    ///
    /// ```
    /// use plugwright_pdk::{FnResult, LogLevel, debug, plugin_fn};
    ///
    /// #[plugin_fn]
    /// pub fn length(bytes: Vec<u8>) -> FnResult<u64> {
    ///     if LogLevel::Debug.is_enabled() {
    ///         debug!("{} of them are zero", bytes.iter().filter(|byte| **byte == 0).count());
    ///     }
    ///     Ok(bytes.len() as u64)
    /// }
    /// ```
    pub fn is_enabled(self) -> bool {
        // A host that logs nothing says `i32::MAX`.
        self.to_int() >= sys::get_log_level()
    }
}

/// Logs a message. It is dropped if there is no memory left: a log must not be what fails.
pub fn write(level: LogLevel, message: fmt::Arguments<'_>) {
    if let Ok(memory) = Memory::from_bytes(alloc::fmt::format(message)) {
        memory.log(level);
    }
}
