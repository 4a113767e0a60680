//! Write plug-ins in Rust, for Plugwright and for every other host of the Extism contract.
//!
//! ```
//! use plugwright_pdk::{FnResult, plugin_fn};
//!
//! #[plugin_fn]
//! pub fn hello(name: String) -> FnResult<String> {
//!     Ok(format!("Hello, {name}!"))
//! }
//! ```
//!
//! in a package of the crate type `cdylib`, built for `wasm32-unknown-unknown` or `wasm32-wasip1`, is a plug-in with the function
//! `hello`.
//!
//! | for | there is |
//! | --- | --- |
//! | functions that the host calls | [`plugin_fn`]: no parameter, one, or several by name |
//! | functions of the host | [`host_fn`], and [`host::Result`] for those that fail with a value |
//! | functions for other modules | [`shared_fn`] |
//! | values | [`FromBytes`], [`ToBytes`], [`Json`], [`Msgpack`], [`Prost`], `Protobuf`, [`Base64`], [`Raw`], [`encoding!`] |
//! | configuration, variables | [`config`], [`var`] |
//! | a key-value store, a database, a message broker | [`kv`], [`sql`], [`messaging`] |
//! | HTTP | [`http::request`]; [`serve`] for functions that answer requests |
//! | logs | [`info!`], [`debug!`], [`warn!`], [`error!`], [`trace!`], [`log!`] |
//! | errors | [`FnResult`], [`Error`], [`WithReturnCode`]; a panic is an error too |
//! | blocks of memory | [`Memory`] |
//! | unit tests | [`testing`], on the native target |
//!
//! Its names and types are those of the crate `extism-pdk`, so a plug-in moves by one line of its `Cargo.toml`:
//!
//! ```toml
//! extism-pdk = { package = "plugwright-pdk", version = "0.1" }
//! ```
//!
//! The package `extism-pdk` in the folder `extism` has those names and no others, for libraries that use the public PDK.
//!
//! # Features
//!
//! | feature | default | what it gives |
//! | --- | --- | --- |
//! | `std` | yes | the standard library; without it the crate is `no_std` and needs `alloc` |
//! | `exact-floats` | yes | floats in JSON are read to the last bit, for 20 KB |
//! | `http` | yes | [`http`] |
//! | `msgpack`, `prost`, `raw` | yes | [`Msgpack`], [`Prost`], [`Raw`] |
//! | `protobuf` | | `Protobuf` |
//! | `bulk` | | one copy by the host instead of a loop for each block; runs on Plugwright only |
//! | `allocator`, `panic-handler` | | what a plug-in without `std` needs to build |

#![deny(missing_docs, unsafe_code)]
// On the native target, where tests run, there always is the standard library.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;
#[cfg(all(feature = "std", target_family = "wasm"))]
extern crate std;

// The macros of this crate name it, also where it is compiled itself.
extern crate self as plugwright_pdk;

#[cfg(all(target_family = "wasm", not(feature = "std")))]
mod bare;
pub mod capability;
pub mod config;
mod copy;
mod encoding;
mod export;
pub mod extism;
mod failure;
mod formats;
mod from_bytes;
pub mod host;
#[cfg(feature = "http")]
pub mod http;
pub mod kv;
mod log;
mod macros;
pub mod memory;
pub mod messaging;
mod panics;
mod params;
mod result;
pub mod serve;
mod shared;
pub mod sql;
#[doc(hidden)]
pub mod sys;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
mod to_bytes;
mod to_memory;
pub mod var;

pub use anyhow::Error;
#[cfg(target_arch = "wasm32")]
pub use core::arch::wasm32::v128;
#[cfg(feature = "msgpack")]
pub use formats::Msgpack;
#[cfg(feature = "prost")]
pub use formats::Prost;
#[cfg(feature = "protobuf")]
pub use formats::Protobuf;
#[cfg(all(feature = "raw", target_endian = "little"))]
pub use formats::Raw;
pub use formats::{Base64, Json};
pub use from_bytes::{FromBytes, FromBytesOwned};
#[cfg(feature = "http")]
pub use http::{HttpRequest, HttpResponse};
pub use log::LogLevel;
pub use memory::{ManagedMemory, Memory, MemoryHandle, MemoryPointer};
pub use panics::report_panics;
pub use plugwright_pdk_derive::{FromBytes, ToBytes, host_fn, plugin_fn, shared_fn};
pub use result::{FnResult, SharedFnResult, WithReturnCode};
/// The crate `serde_json`.
pub use serde_json as json;
pub use to_bytes::ToBytes;
pub use to_memory::ToMemory;

use alloc::vec::Vec;

use failure::Failure;

/// The bytes of the call's input.
pub fn input_bytes() -> Vec<u8> {
    copy::input()
}

/// The call's input.
///
/// # Errors
/// When it is not a value of this type.
pub fn input<T: FromBytesOwned>() -> Result<T, Error> {
    T::from_vec(input_bytes()).map_err(Failure::into_error)
}

/// Makes a value the call's output. A second call replaces the first one's.
///
/// # Errors
/// When the value cannot be encoded, or there is no memory left.
pub fn output<T: ToMemory>(value: T) -> Result<(), Error> {
    value.to_memory()?.set_output();
    Ok(())
}

/// Makes a text the call's error message. The call fails only if the function also returns a code other than 0, which an
/// `Err` does by itself.
///
/// # Errors
/// When there is no memory left.
pub fn set_error(message: impl AsRef<str>) -> Result<(), Error> {
    Ok(export::set_message(message.as_ref())?)
}

/// The examples of the guide are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/pdk-rust.md")]
struct Guide;

/// For the code that the macros write; not an interface.
#[doc(hidden)]
pub mod __private {
    pub use alloc::fmt::format;
    pub use alloc::vec::Vec;

    pub use serde;

    pub use crate::export::{
        Probe, ProbeFallible, ProbeFallibleText, ProbePlain, argument, fail, fail_debug,
    };
    pub use crate::failure::Failure;
    pub use crate::host::argument as host_argument;
    pub use crate::input_bytes as input;
    pub use crate::log::write as log;
    pub use crate::params::Params;
    pub use crate::shared::{Output as SharedOutput, argument as shared_argument};
    pub use crate::{host, report_panics, sys};
}
