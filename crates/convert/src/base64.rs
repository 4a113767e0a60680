//! Base64 text.

use alloc::string::String;
use alloc::vec::Vec;

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine as _};

use crate::{BoxError, Error, FromBytesOwned, ToBytes};

/// Bytes, or text, as base64 text: the standard alphabet, with padding.
///
/// The value is what the text stands for, so it must not be base64 already. Anything that has bytes
/// can be encoded; `Base64<Vec<u8>>` and `Base64<String>` can be decoded. `Base64` alone is `Base64<String>`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Base64<T = String>(pub T);

crate::__wrapper!(Base64);

impl<T: AsRef<[u8]>> ToBytes<'_> for Base64<T> {
    type Bytes = Vec<u8>;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok(STANDARD.encode(&self.0).into_bytes())
    }
}

impl FromBytesOwned for Base64<Vec<u8>> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        decode::<Vec<u8>>(data).map(Self)
    }
}

impl FromBytesOwned for Base64<String> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        String::from_utf8(decode::<String>(data)?)
            .map(Self)
            .map_err(|error| Error::decode::<String>("the text in base64", error.utf8_error()))
    }
}

/// The bytes that the text in `data` stands for, on behalf of a `T`.
fn decode<T>(data: &[u8]) -> Result<Vec<u8>, Error> {
    STANDARD.decode(data).map_err(|error| Error::decode::<T>("base64", cause(error)))
}

#[cfg(feature = "std")]
fn cause(error: DecodeError) -> BoxError {
    error.into()
}

/// The base64 crate has an error type only with the standard library; elsewhere its text does.
#[cfg(not(feature = "std"))]
fn cause(error: DecodeError) -> BoxError {
    alloc::string::ToString::to_string(&error).into()
}
