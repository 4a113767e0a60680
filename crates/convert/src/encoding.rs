//! Wrappers that choose a format for a serde type.

/// Defines a wrapper that encodes any serde type in a format of one's own.
///
/// `encoding!(pub Name, to_bytes, from_bytes)` defines `pub struct Name<T>(pub T)` with [`ToBytes`],
/// [`FromBytesOwned`], `Deref`, `DerefMut`, `From<T>` and `into_inner`. The functions are, or can be
/// called as
///
/// * `to_bytes: fn(&T) -> Result<B, E>` where `B` is `Vec<u8>`, `String` or anything else that turns
///   into a `Vec<u8>`;
/// * `from_bytes: fn(&[u8]) -> Result<T, E>`, which must refuse bytes after the value;
///
/// and `E` is any error type, or a message. Errors call the format by the wrapper's name, or by another
/// when the wrapper is written `Name("the format's name")`.
///
/// ```
/// use plugwright_convert::{Error, FromBytes, ToBytes, encoding};
///
/// encoding! {
///     /// JSON that people like to read.
///     pub Pretty("indented JSON"), serde_json::to_vec_pretty, serde_json::from_slice
/// }
///
/// let bytes = Pretty(["a"]).to_bytes()?;
/// assert_eq!(bytes, b"[\n  \"a\"\n]");
/// assert_eq!(Pretty::<Vec<String>>::from_bytes(&bytes)?.into_inner(), ["a"]);
/// # Ok::<(), Error>(())
/// ```
///
/// [`ToBytes`]: crate::ToBytes
/// [`FromBytesOwned`]: crate::FromBytesOwned
#[macro_export]
macro_rules! encoding {
    ($(#[$meta:meta])* $vis:vis $name:ident, $to_bytes:expr, $from_bytes:expr $(,)?) => {
        $crate::encoding!($(#[$meta])* $vis $name(stringify!($name)), $to_bytes, $from_bytes);
    };
    ($(#[$meta:meta])* $vis:vis $name:ident($format:expr), $to_bytes:expr, $from_bytes:expr $(,)?) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name<T>(pub T);

        $crate::__wrapper!($name);

        impl<T: $crate::__serde::Serialize> $crate::ToBytes<'_> for $name<T> {
            type Bytes = $crate::__alloc::vec::Vec<u8>;

            fn to_bytes(&self) -> ::core::result::Result<Self::Bytes, $crate::Error> {
                match $to_bytes(&self.0) {
                    ::core::result::Result::Ok(bytes) => {
                        ::core::result::Result::Ok(::core::convert::Into::into(bytes))
                    }
                    ::core::result::Result::Err(error) => {
                        ::core::result::Result::Err($crate::Error::encode::<T>($format, error))
                    }
                }
            }
        }

        impl<T: $crate::__serde::de::DeserializeOwned> $crate::FromBytesOwned for $name<T> {
            fn from_bytes_owned(data: &[u8]) -> ::core::result::Result<Self, $crate::Error> {
                match $from_bytes(data) {
                    ::core::result::Result::Ok(value) => ::core::result::Result::Ok(Self(value)),
                    ::core::result::Result::Err(error) => {
                        ::core::result::Result::Err($crate::Error::decode::<T>($format, error))
                    }
                }
            }
        }
    };
}

/// What all wrappers of one value have in common; not an interface.
#[doc(hidden)]
#[macro_export]
macro_rules! __wrapper {
    ($name:ident) => {
        impl<T> $name<T> {
            /// The wrapped value.
            pub fn into_inner(self) -> T {
                self.0
            }
        }

        impl<T> ::core::convert::From<T> for $name<T> {
            fn from(value: T) -> Self {
                Self(value)
            }
        }

        impl<T> ::core::ops::Deref for $name<T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<T> ::core::ops::DerefMut for $name<T> {
            fn deref_mut(&mut self) -> &mut T {
                &mut self.0
            }
        }
    };
}
