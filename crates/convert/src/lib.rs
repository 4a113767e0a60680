//! How the inputs and outputs of plug-ins become bytes and values again.
//!
//! A plug-in call carries bytes. This crate says which bytes stand for which value, the same on the
//! host and in a guest:
//!
//! | type | bytes |
//! | --- | --- |
//! | `&str`, `String`, `Box<str>` | UTF-8 |
//! | `&[u8]`, `Vec<u8>`, `Box<[u8]>`, `[u8; N]`, `&[u8; N]` | themselves |
//! | `i32`, `u32`, `i64`, `u64`, `f32`, `f64` | 4 or 8 bytes, little-endian |
//! | `bool` | one byte, 0 or 1 |
//! | `()` | none |
//! | `Option<T>` | those of `T`, or none for `None` |
//! | `serde_json::Value`, [`Json<T>`] | JSON text |
//! | [`Base64<T>`] | base64 text, standard alphabet, padded |
//! | `Msgpack<T>` (feature `msgpack`) | MessagePack, structs as maps with named fields |
//! | `Protobuf<T>` (feature `protobuf`) | Protocol Buffers |
//! | `Raw<T>` (feature `raw`) | the value as it lies in memory, little-endian |
//!
//! Decoding is strict: too few bytes, too many bytes and bytes that mean nothing are errors that say so.
//!
//! ```
//! use plugwright_convert::{FromBytes, Json, ToBytes};
//!
//! let bytes = Json(vec![1, 2, 3]).to_bytes()?;
//! assert_eq!(bytes, b"[1,2,3]");
//! let Json(numbers) = Json::<Vec<i32>>::from_bytes(&bytes)?;
//! assert_eq!(numbers, [1, 2, 3]);
//!
//! let error = i32::from_bytes(&[1, 2, 3]).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "cannot decode little-endian bytes as i32: expected exactly 4 bytes, found 3"
//! );
//! # Ok::<(), plugwright_convert::Error>(())
//! ```
//!
//! # A format of one's own
//!
//! For any serde format, [`encoding!`] defines a wrapper like [`Json`]. For a type of one's own,
//! implement [`ToBytes`] and [`FromBytesOwned`] (or [`FromBytes`], if the value borrows from the bytes).

#![no_std]

extern crate alloc;

mod base64;
mod encoding;
mod error;
mod from_bytes;
mod json;
#[cfg(feature = "msgpack")]
mod msgpack;
mod numbers;
#[cfg(feature = "protobuf")]
mod protobuf;
#[cfg(all(feature = "raw", target_endian = "little"))]
mod raw;
mod to_bytes;

pub use crate::base64::Base64;
pub use crate::error::{BoxError, Error, Malformed};
pub use crate::from_bytes::{FromBytes, FromBytesOwned};
pub use crate::json::Json;
#[cfg(feature = "msgpack")]
pub use crate::msgpack::Msgpack;
#[cfg(feature = "protobuf")]
pub use crate::protobuf::Protobuf;
#[cfg(all(feature = "raw", target_endian = "little"))]
pub use crate::raw::Raw;
pub use crate::to_bytes::{OptionBytes, ToBytes};

/// For the code that [`encoding!`] writes; not an interface.
#[doc(hidden)]
pub use serde as __serde;

/// For the code that [`encoding!`] writes; not an interface.
#[doc(hidden)]
pub extern crate alloc as __alloc;
