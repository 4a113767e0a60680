//! Host functions that fail with a value.
//!
//! A function that is declared with [`Result`] as its return type hands its failure to the plug-in, which may go on:
//!
//! ```
//! use plugwright_pdk::{FnResult, host, host_fn, plugin_fn};
//!
//! #[host_fn]
//! extern "Plugwright" {
//!     fn price_of(item: String) -> host::Result<String>;
//! }
//!
//! #[plugin_fn]
//! pub fn price(item: String) -> FnResult<String> {
//!     match price_of(item) {
//!         Ok(price) => Ok(price),
//!         Err(host::Error::Failed(message)) => Ok(format!("no price: {message}")),
//!         Err(error) => Err(error.into()),
//!     }
//! }
//! ```
//!
//! The host must declare the function fallible (in Rust: `errors_as_values`). It must be a Plugwright host: a plug-in that
//! declares such a function imports `host_error_take` from `plugwright:host/env`, which others lack.

use alloc::string::String;
use core::fmt;

use crate::memory::ManagedMemory;
use crate::{FromBytesOwned, Memory, ToMemory, sys};

/// What a host function returns that may fail with a value.
pub type Result<T> = core::result::Result<T, Error>;

/// Why a host function gave no result.
#[derive(Debug)]
pub enum Error {
    /// It failed, and said this. The text is never empty.
    Failed(String),
    /// An argument could not be passed to it, or its result not be read.
    Conversion(crate::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(message) => f.write_str(message),
            Self::Conversion(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Failed(_) => None,
            Self::Conversion(error) => error.source(),
        }
    }
}

/// What `#[host_fn]` makes of a declared return type: `T` becomes `Result<T, plugwright_pdk::Error>`, and [`Result<T>`]
/// stays what it is.
pub trait Output: Sized {
    /// What the plug-in gets.
    type Returned;

    /// Reads what the host returned, an offset.
    #[doc(hidden)]
    fn read(offset: u64, function: &'static str) -> Self::Returned;

    /// For a function that was not called because of an argument.
    #[doc(hidden)]
    fn not_called(error: crate::Error) -> Self::Returned;
}

impl<T: FromBytesOwned> Output for T {
    type Returned = core::result::Result<T, crate::Error>;

    fn read(offset: u64, function: &'static str) -> Self::Returned {
        let block = ManagedMemory(Memory::from(offset));
        block.as_ref().to().map_err(|error| failed("cannot read the result of", function, &error))
    }

    fn not_called(error: crate::Error) -> Self::Returned {
        Err(error)
    }
}

impl<T: FromBytesOwned> Output for Result<T> {
    type Returned = Self;

    fn read(offset: u64, function: &'static str) -> Self::Returned {
        // 0 may be a regular result, so the error is asked for first, and always.
        match Memory::find(sys::host_error_take()) {
            Some(message) => {
                let bytes = ManagedMemory(message).as_ref().to_vec();
                Err(Error::Failed(String::from_utf8_lossy(&bytes).into_owned()))
            }
            None => <T as Output>::read(offset, function).map_err(Error::Conversion),
        }
    }

    fn not_called(error: crate::Error) -> Self::Returned {
        Err(Error::Conversion(error))
    }
}

/// An argument of a host function, in a block that is freed after the call.
#[doc(hidden)]
pub fn argument(
    value: &impl ToMemory,
    function: &'static str,
) -> core::result::Result<ManagedMemory, crate::Error> {
    value
        .to_memory()
        .map(ManagedMemory)
        .map_err(|error| failed("cannot pass an argument to", function, &error))
}

/// Why a host function was of no use, in one text: authors log `{error}`, which is the first of an error's causes.
#[cold]
fn failed(what: &str, function: &str, cause: &crate::Error) -> crate::Error {
    crate::Error::msg(alloc::format!("{what} the host function `{function}`: {cause:#}"))
}
