//! JSON.

use alloc::vec::Vec;

use serde_json::Value;

use crate::{Error, FromBytesOwned, ToBytes, encoding};

encoding! {
    /// A serde value as JSON text.
    ///
    /// A field missing from the text, a field of the wrong type, text after the value and values nested
    /// deeper than 128 levels are errors; unknown fields are for the type to allow or deny.
    pub Json("JSON"), serde_json::to_vec, serde_json::from_slice
}

impl ToBytes<'_> for Value {
    type Bytes = Vec<u8>;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Json(self).to_bytes()
    }
}

impl FromBytesOwned for Value {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        Json::from_bytes_owned(data).map(Json::into_inner)
    }
}
