//! What can go wrong between a value and its bytes.

use alloc::boxed::Box;
use core::any::type_name;

/// Any error, as the cause of an [`Error`].
pub type BoxError = Box<dyn core::error::Error + Send + Sync>;

/// A value that has no bytes, or bytes that are not a value.
///
/// The message is one line and contains the cause's message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The value cannot be written in the format.
    #[error("cannot encode {type_name} as {format}: {source}")]
    Encode {
        /// The format, such as `JSON`.
        format: &'static str,
        /// The type of the value, as [`core::any::type_name`] spells it.
        type_name: &'static str,
        /// Why not.
        source: BoxError,
    },
    /// The bytes are not a value of the type in the format.
    #[error("cannot decode {format} as {type_name}: {source}")]
    Decode {
        /// The format, such as `JSON`.
        format: &'static str,
        /// The type asked for, as [`core::any::type_name`] spells it.
        type_name: &'static str,
        /// Why not.
        source: BoxError,
    },
}

impl Error {
    /// The error of a [`ToBytes`](crate::ToBytes) implementation for a `T`. `source` may be an error
    /// or a message.
    pub fn encode<T: ?Sized>(format: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Encode { format, type_name: type_name::<T>(), source: source.into() }
    }

    /// The error of a [`FromBytes`](crate::FromBytes) or [`FromBytesOwned`](crate::FromBytesOwned)
    /// implementation for a `T`. `source` may be an error or a message.
    pub fn decode<T: ?Sized>(format: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Decode { format, type_name: type_name::<T>(), source: source.into() }
    }
}

/// Why bytes were refused by a type with a fixed layout; the source of an [`Error::Decode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The type has a fixed length, and this is not it.
    #[error("expected exactly {expected} bytes, found {found}")]
    Length {
        /// The type's length in bytes.
        expected: usize,
        /// The length given.
        found: usize,
    },
    /// A `bool` that is neither 0 nor 1.
    #[error("expected the byte 0 or 1, found {found}")]
    Bool {
        /// The byte given.
        found: u8,
    },
    /// Bytes after the end of the value.
    #[error("more bytes follow the value; pass exactly one value")]
    Trailing,
    /// Bytes that start at an address where the type cannot lie.
    #[error("the bytes are not aligned to {expected}; copy them to aligned memory first")]
    Alignment {
        /// The type's alignment in bytes.
        expected: usize,
    },
}
