//! Wrappers for formats of one's own.

/// Defines a wrapper that encodes any serde type in a format of one's own, as [`Json`](crate::Json) does.
///
/// `encoding!(pub Name, to_vec, from_slice)` defines `pub struct Name<T>(pub T)` with [`ToBytes`](crate::ToBytes),
/// [`FromBytesOwned`](crate::FromBytesOwned), `From<T>` and `into_inner`. The functions are
/// `to_vec: fn(&T) -> Result<Vec<u8>, E>` (or anything else that turns into a `Vec<u8>`) and
/// `from_slice: fn(&[u8]) -> Result<T, E>`; `?` must be able to turn `E` into [`Error`](crate::Error).
///
/// Of the standard traits the struct has `Debug` alone: derive others in front of its name, or implement them.
///
/// ```
/// use plugwright_pdk::{FromBytes, ToBytes, encoding, json};
///
/// encoding! {
///     /// JSON that people like to read.
///     #[derive(Clone, PartialEq)]
///     pub Pretty, json::to_vec_pretty, json::from_slice
/// }
///
/// let bytes = Pretty(["a"]).to_bytes()?;
/// assert_eq!(bytes, b"[\n  \"a\"\n]");
/// assert_eq!(Pretty::<Vec<String>>::from_bytes(&bytes)?.into_inner(), ["a"]);
/// # Ok::<(), plugwright_pdk::Error>(())
/// ```
#[macro_export]
macro_rules! encoding {
    ($(#[$meta:meta])* $vis:vis $name:ident, $to_vec:expr, $from_slice:expr $(,)?) => {
        $(#[$meta])*
        #[doc = ::core::concat!("A serde value in the encoding `", ::core::stringify!($name), "`.")]
        #[derive(Debug)]
        $vis struct $name<T>(pub T);

        impl<T> $name<T> {
            /// The wrapped value.
            #[allow(dead_code)]
            pub fn into_inner(self) -> T {
                self.0
            }
        }

        impl<T> ::core::convert::From<T> for $name<T> {
            fn from(value: T) -> Self {
                Self(value)
            }
        }

        impl<T: $crate::__private::serde::Serialize> $crate::ToBytes<'_> for $name<T> {
            type Bytes = $crate::__private::Vec<u8>;

            fn to_bytes(&self) -> ::core::result::Result<Self::Bytes, $crate::Error> {
                ::core::result::Result::Ok(::core::convert::Into::into($to_vec(&self.0)?))
            }
        }

        impl<T: $crate::__private::serde::de::DeserializeOwned> $crate::FromBytesOwned for $name<T> {
            fn from_bytes_owned(data: &[u8]) -> ::core::result::Result<Self, $crate::Error> {
                ::core::result::Result::Ok(Self($from_slice(data)?))
            }
        }
    };
}
