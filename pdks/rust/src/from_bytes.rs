//! From bytes to values.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use plugwright_convert as convert;

use crate::Error;
use crate::failure::{Failure, refused};

/// A value that a plug-in can receive; it may borrow from the bytes.
///
/// Every type that implements [`FromBytesOwned`] implements this too.
///
/// ```
/// use plugwright_pdk::FromBytes;
///
/// assert_eq!(<&str>::from_bytes(b"Jane")?, "Jane");
/// assert!(<&str>::from_bytes(&[0xff]).is_err());
/// # Ok::<(), plugwright_pdk::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decoded from the bytes that a plug-in receives",
    note = "wrap a serde type in `Json` or `Msgpack`, or derive `FromBytes` with `#[encoding(Json)]`"
)]
pub trait FromBytes<'a>: Sized {
    /// Decodes a value that takes up all of `data`.
    ///
    /// # Errors
    /// When `data` is not exactly one value of this type.
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error>;

    /// Decodes a value from a buffer that nobody else needs, and may take the buffer.
    #[doc(hidden)]
    fn from_buffer(buffer: &'a mut Vec<u8>) -> Result<Self, Failure> {
        Ok(Self::from_bytes(buffer)?)
    }
}

/// A value that a plug-in can receive, and that does not borrow from the bytes.
///
/// Derive it by `#[derive(FromBytes)]` with `#[encoding(Json)]`, or implement it for a format of your own:
///
/// ```
/// use plugwright_pdk::{Error, FromBytes, FromBytesOwned};
///
/// struct Words(Vec<String>);
///
/// impl FromBytesOwned for Words {
///     fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
///         Ok(Words(std::str::from_utf8(data)?.split_whitespace().map(str::to_owned).collect()))
///     }
/// }
///
/// assert_eq!(Words::from_bytes(b"Jane Doe")?.0, ["Jane", "Doe"]);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decoded from bytes without borrowing them",
    note = "use an owned type such as `String` or `Vec<u8>`, wrap a serde type in `Json` or `Msgpack`, or derive \
            `FromBytes` with `#[encoding(Json)]`"
)]
pub trait FromBytesOwned: Sized {
    /// Decodes a value that takes up all of `data`.
    ///
    /// # Errors
    /// When `data` is not exactly one value of this type.
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error>;

    /// Decodes a value from bytes that it may keep.
    #[doc(hidden)]
    fn from_vec(data: Vec<u8>) -> Result<Self, Failure> {
        Ok(Self::from_bytes_owned(&data)?)
    }
}

impl<'a, T: FromBytesOwned> FromBytes<'a> for T {
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        T::from_bytes_owned(data)
    }

    fn from_buffer(buffer: &'a mut Vec<u8>) -> Result<Self, Failure> {
        T::from_vec(mem::take(buffer))
    }
}

/// Types that borrow, decoded as the host decodes them.
macro_rules! borrowed {
    ($($type:ty),*) => {$(
        impl<'a> FromBytes<'a> for $type {
            fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
                convert::FromBytes::from_bytes(data).map_err(refused)
            }

            fn from_buffer(buffer: &'a mut Vec<u8>) -> Result<Self, Failure> {
                Ok(convert::FromBytes::from_bytes(buffer)?)
            }
        }
    )*};
}

borrowed!(&'a [u8], &'a str, Option<&'a [u8]>, Option<&'a str>);

#[cfg(feature = "std")]
macro_rules! borrowed_cursor {
    ($($type:ty),*) => {$(
        impl<'a> FromBytes<'a> for std::io::Cursor<$type> {
            fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
                FromBytes::from_bytes(data).map(Self::new)
            }
        }
    )*};
}

#[cfg(feature = "std")]
borrowed_cursor!(&'a [u8], &'a str);

impl<'a, const N: usize> FromBytes<'a> for &'a [u8; N] {
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        convert::FromBytes::from_bytes(data).map_err(refused)
    }
}

/// Types that do not, decoded as the host decodes them.
macro_rules! owned {
    ($($type:ty),*) => {$(
        impl FromBytesOwned for $type {
            fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
                convert::FromBytesOwned::from_bytes_owned(data).map_err(refused)
            }

            fn from_vec(data: Vec<u8>) -> Result<Self, Failure> {
                Ok(convert::FromBytesOwned::from_bytes_owned(&data)?)
            }
        }
    )*};
}

owned!((), bool, i32, u32, i64, u64, f32, f64, Box<str>, serde_json::Value);

impl<const N: usize> FromBytesOwned for [u8; N] {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        convert::FromBytesOwned::from_bytes_owned(data).map_err(refused)
    }
}

impl FromBytesOwned for Vec<u8> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        Ok(data.to_vec())
    }

    fn from_vec(data: Vec<u8>) -> Result<Self, Failure> {
        Ok(data)
    }
}

impl FromBytesOwned for Box<[u8]> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        Ok(data.into())
    }

    fn from_vec(data: Vec<u8>) -> Result<Self, Failure> {
        Ok(data.into())
    }
}

impl FromBytesOwned for String {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        <&str>::from_bytes(data).map(str::to_owned)
    }

    fn from_vec(data: Vec<u8>) -> Result<Self, Failure> {
        Ok(String::from_utf8(data)
            .map_err(|error| convert::Error::decode::<String>("text", error.utf8_error()))?)
    }
}

impl<T: FromBytesOwned> FromBytesOwned for Box<T> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        T::from_bytes_owned(data).map(Box::new)
    }
}

/// No bytes are `None`.
impl<T: FromBytesOwned> FromBytesOwned for Option<T> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        if data.is_empty() { Ok(None) } else { T::from_bytes_owned(data).map(Some) }
    }
}

#[cfg(feature = "std")]
impl<T: FromBytesOwned> FromBytesOwned for std::io::Cursor<T> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        T::from_bytes_owned(data).map(Self::new)
    }
}
