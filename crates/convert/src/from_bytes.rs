//! From bytes to values.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{Error, Malformed};

/// A value that can be received from a plug-in or by one, and may borrow from the bytes.
///
/// Every type that implements [`FromBytesOwned`] implements this too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decoded from the bytes of a plug-in call",
    note = "wrap a serde type in `Json` or `Msgpack`, or implement `FromBytesOwned` for it"
)]
pub trait FromBytes<'a>: Sized {
    /// Decodes a value that takes up all of `data`.
    ///
    /// # Errors
    /// [`Error::Decode`] when `data` is not exactly one value of this type.
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error>;
}

/// A value that can be received from a plug-in or by one, and does not borrow from the bytes.
///
/// ```
/// use plugwright_convert::{Error, FromBytes, FromBytesOwned};
///
/// #[derive(Debug, PartialEq)]
/// struct Words(Vec<String>);
///
/// impl FromBytesOwned for Words {
///     fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
///         let text = std::str::from_utf8(data).map_err(|error| Error::decode::<Self>("words", error))?;
///         Ok(Words(text.split_whitespace().map(str::to_owned).collect()))
///     }
/// }
///
/// assert_eq!(Words::from_bytes(b"Jane Doe")?.0, ["Jane", "Doe"]);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decoded from bytes without borrowing them",
    note = "use an owned type such as `String` or `Vec<u8>`, wrap a serde type in `Json` or `Msgpack`, \
            or implement `FromBytesOwned` for it"
)]
pub trait FromBytesOwned: Sized {
    /// Decodes a value that takes up all of `data`.
    ///
    /// # Errors
    /// [`Error::Decode`] when `data` is not exactly one value of this type.
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error>;
}

impl<'a, T: FromBytesOwned> FromBytes<'a> for T {
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        T::from_bytes_owned(data)
    }
}

impl<'a> FromBytes<'a> for &'a [u8] {
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        Ok(data)
    }
}

impl<'a> FromBytes<'a> for &'a str {
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        text::<&str>(data)
    }
}

impl<'a, const N: usize> FromBytes<'a> for &'a [u8; N] {
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        fixed::<&[u8; N], N>("bytes", data)
    }
}

impl<'a> FromBytes<'a> for Option<&'a [u8]> {
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        Ok((!data.is_empty()).then_some(data))
    }
}

impl<'a> FromBytes<'a> for Option<&'a str> {
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        if data.is_empty() { Ok(None) } else { text::<Self>(data).map(Some) }
    }
}

impl FromBytesOwned for Vec<u8> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        Ok(data.to_vec())
    }
}

impl FromBytesOwned for Box<[u8]> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        Ok(data.into())
    }
}

impl FromBytesOwned for String {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        text::<Self>(data).map(str::to_owned)
    }
}

impl FromBytesOwned for Box<str> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        text::<Self>(data).map(Box::from)
    }
}

impl<const N: usize> FromBytesOwned for [u8; N] {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        fixed::<Self, N>("bytes", data).copied()
    }
}

/// Whatever the bytes are: for callers that do not care for a result.
impl FromBytesOwned for () {
    fn from_bytes_owned(_: &[u8]) -> Result<Self, Error> {
        Ok(())
    }
}

impl FromBytesOwned for bool {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        match *fixed::<Self, 1>("bytes", data)? {
            [0] => Ok(false),
            [1] => Ok(true),
            [found] => Err(Error::decode::<Self>("bytes", Malformed::Bool { found })),
        }
    }
}

impl<T: FromBytesOwned> FromBytesOwned for Box<T> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        T::from_bytes_owned(data).map(Box::new)
    }
}

impl<T: FromBytesOwned> FromBytesOwned for Option<T> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        if data.is_empty() { Ok(None) } else { T::from_bytes_owned(data).map(Some) }
    }
}

/// The UTF-8 text in `data`, on behalf of a `T`.
fn text<T>(data: &[u8]) -> Result<&str, Error> {
    core::str::from_utf8(data).map_err(|error| Error::decode::<T>("text", error))
}

/// All of `data` as an array, on behalf of a `T`.
pub(crate) fn fixed<'a, T, const N: usize>(
    format: &'static str,
    data: &'a [u8],
) -> Result<&'a [u8; N], Error> {
    data.try_into()
        .map_err(|_| Error::decode::<T>(format, Malformed::Length { expected: N, found: data.len() }))
}
