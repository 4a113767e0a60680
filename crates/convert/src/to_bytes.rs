//! From values to bytes.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::Error;

/// A value that can be passed to a plug-in or returned by one.
///
/// `'a` is how long the bytes live when they are borrowed from what the value refers to, as a
/// `&'a str` lends its own.
///
/// ```
/// use plugwright_convert::{Error, ToBytes};
///
/// struct Colour(u8, u8, u8);
///
/// impl ToBytes<'_> for Colour {
///     type Bytes = [u8; 3];
///
///     fn to_bytes(&self) -> Result<Self::Bytes, Error> {
///         Ok([self.0, self.1, self.2])
///     }
/// }
///
/// assert_eq!((&Colour(1, 2, 3)).to_bytes()?, [1, 2, 3]);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no bytes to pass to or from a plug-in",
    note = "wrap a serde type in `Json` or `Msgpack`, or implement `ToBytes` for it"
)]
pub trait ToBytes<'a> {
    /// The bytes, owned or borrowed.
    type Bytes: AsRef<[u8]>;

    /// Encodes the value.
    ///
    /// # Errors
    /// [`Error::Encode`] when the format cannot express the value.
    fn to_bytes(&self) -> Result<Self::Bytes, Error>;

    /// Encodes the value and shows the bytes to `f`.
    ///
    /// This is how to use the bytes once. Types that hold their bytes already, such as `String` and
    /// `Vec<u8>`, show them as they are, where [`to_bytes`](Self::to_bytes) has to copy them.
    ///
    /// # Errors
    /// [`Error::Encode`] when the format cannot express the value; `f` is not called then.
    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error>
    where
        Self: Sized,
    {
        Ok(f(self.to_bytes()?.as_ref()))
    }
}

impl<'a> ToBytes<'a> for &'a [u8] {
    type Bytes = &'a [u8];

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok(self)
    }
}

impl<'a> ToBytes<'a> for &'a str {
    type Bytes = &'a [u8];

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok(self.as_bytes())
    }
}

/// For types that own their bytes: `to_bytes` has to copy, `with_bytes` does not.
macro_rules! owned {
    ($($type:ty => $bytes:ty),* $(,)?) => {$(
        impl ToBytes<'_> for $type {
            type Bytes = $bytes;

            fn to_bytes(&self) -> Result<Self::Bytes, Error> {
                Ok(self.clone().into())
            }

            fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
                Ok(f((**self).as_ref()))
            }
        }
    )*};
}

owned! {
    Vec<u8> => Vec<u8>,
    Box<[u8]> => Box<[u8]>,
    String => Vec<u8>,
    Box<str> => Box<[u8]>,
}

impl<const N: usize> ToBytes<'_> for [u8; N] {
    type Bytes = [u8; N];

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok(*self)
    }

    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        Ok(f(self))
    }
}

impl ToBytes<'_> for () {
    type Bytes = [u8; 0];

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok([])
    }
}

impl ToBytes<'_> for bool {
    type Bytes = [u8; 1];

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok([u8::from(*self)])
    }
}

impl<'a, T: ToBytes<'a>> ToBytes<'a> for &T {
    type Bytes = T::Bytes;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        T::to_bytes(self)
    }

    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        T::with_bytes(self, f)
    }
}

impl<'a, T: ToBytes<'a>> ToBytes<'a> for Box<T> {
    type Bytes = T::Bytes;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        T::to_bytes(self)
    }

    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        T::with_bytes(self, f)
    }
}

/// `None` has no bytes; so a `Some` whose value has none either comes back as `None`.
impl<'a, T: ToBytes<'a>> ToBytes<'a> for Option<T> {
    type Bytes = OptionBytes<T::Bytes>;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        self.as_ref().map(T::to_bytes).transpose().map(OptionBytes)
    }

    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        match self {
            Some(value) => value.with_bytes(f),
            None => Ok(f(&[])),
        }
    }
}

/// The bytes of an `Option`: those of its value, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionBytes<B>(pub Option<B>);

impl<B: AsRef<[u8]>> AsRef<[u8]> for OptionBytes<B> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], B::as_ref)
    }
}
