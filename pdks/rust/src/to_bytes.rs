//! From values to bytes.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use plugwright_convert as convert;

use crate::Error;
use crate::failure::refused;

/// A value that a plug-in can hand to its host.
///
/// Derive it with `#[encoding(Json)]`, or implement it for a format of your own:
///
/// ```
/// use plugwright_pdk::{Error, ToBytes};
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
/// assert_eq!(Some(Colour(1, 2, 3)).to_bytes()?, [1, 2, 3]);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no bytes to hand to the host",
    note = "wrap a serde type in `Json` or `Msgpack`, or derive `ToBytes` with `#[encoding(Json)]`"
)]
pub trait ToBytes<'a> {
    /// The bytes, owned or borrowed.
    type Bytes: AsRef<[u8]>;

    /// Encodes the value.
    ///
    /// # Errors
    /// When the format cannot express the value.
    fn to_bytes(&self) -> Result<Self::Bytes, Error>;

    /// Encodes the value and shows the bytes to `f`: without a copy, where the value has them already.
    ///
    /// # Errors
    /// When the format cannot express the value; `f` is not called then.
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
    type Bytes = &'a str;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok(self)
    }
}

/// Types that hold their bytes: `to_bytes` has to copy, `with_bytes` does not.
macro_rules! owned {
    ($($type:ty),*) => {$(
        impl ToBytes<'_> for $type {
            type Bytes = $type;

            fn to_bytes(&self) -> Result<Self::Bytes, Error> {
                Ok(self.clone())
            }

            fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
                Ok(f((**self).as_ref()))
            }
        }
    )*};
}

owned!(Vec<u8>, String, Box<[u8]>);

impl ToBytes<'_> for Box<str> {
    type Bytes = Box<[u8]>;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok(self.clone().into())
    }

    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        Ok(f(self.as_bytes()))
    }
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

/// Small types, encoded as the host encodes them.
macro_rules! copied {
    ($($type:ty => $bytes:ty),* $(,)?) => {$(
        impl ToBytes<'_> for $type {
            type Bytes = $bytes;

            fn to_bytes(&self) -> Result<Self::Bytes, Error> {
                convert::ToBytes::to_bytes(self).map_err(refused)
            }
        }
    )*};
}

copied! {
    () => [u8; 0],
    bool => [u8; 1],
    i32 => [u8; 4],
    u32 => [u8; 4],
    i64 => [u8; 8],
    u64 => [u8; 8],
    f32 => [u8; 4],
    f64 => [u8; 8],
    serde_json::Value => Vec<u8>,
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
    type Bytes = Vec<u8>;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        self.with_bytes(<[u8]>::to_vec)
    }

    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        match self {
            Some(value) => value.with_bytes(f),
            None => Ok(f(&[])),
        }
    }
}
