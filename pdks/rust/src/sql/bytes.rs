//! Bytes, which JSON does not have.

use alloc::string::String;
use alloc::vec::Vec;

use plugwright_convert::{Base64, FromBytesOwned, ToBytes};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// Bytes, as a parameter or as a field of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Bytes(pub Vec<u8>);

/// How the host has them.
#[derive(Serialize, Deserialize)]
struct Encoded {
    base64: String,
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = ToBytes::to_bytes(&Base64(&self.0)).map_err(ser::Error::custom)?;
        let base64 = String::from_utf8(text).map_err(ser::Error::custom)?;
        Encoded { base64 }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Encoded { base64 } = Encoded::deserialize(deserializer)?;
        let decoded = Base64::<Vec<u8>>::from_bytes_owned(base64.as_bytes()).map_err(de::Error::custom)?;
        Ok(Self(decoded.0))
    }
}
