//! Numbers as little-endian bytes, as WebAssembly keeps them in memory.

use crate::from_bytes::fixed;
use crate::{Error, FromBytesOwned, ToBytes};

macro_rules! number {
    ($($type:ty),*) => {$(
        impl ToBytes<'_> for $type {
            type Bytes = [u8; size_of::<$type>()];

            fn to_bytes(&self) -> Result<Self::Bytes, Error> {
                Ok(self.to_le_bytes())
            }
        }

        impl FromBytesOwned for $type {
            fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
                fixed::<Self, { size_of::<$type>() }>("little-endian bytes", data)
                    .map(|bytes| Self::from_le_bytes(*bytes))
            }
        }
    )*};
}

number!(i32, u32, i64, u64, f32, f64);
