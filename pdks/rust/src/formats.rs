//! The wrappers that choose a format. They are the host's own, so both sides agree.

use alloc::string::String;
use alloc::vec::Vec;

use plugwright_convert as convert;
pub use plugwright_convert::{Base64, Json};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::{Failure, refused};
use crate::{Error, FromBytesOwned, ToBytes};

#[cfg(feature = "msgpack")]
pub use plugwright_convert::Msgpack;
#[cfg(feature = "prost")]
pub use plugwright_convert::Protobuf as Prost;
#[cfg(all(feature = "raw", target_endian = "little"))]
pub use plugwright_convert::Raw;

#[cfg(feature = "protobuf")]
mod protobuf;
#[cfg(feature = "protobuf")]
pub use protobuf::Protobuf;

/// A wrapper, with what its value must be to be encoded and to be decoded.
macro_rules! wrapper {
    ($name:ident: [$($encode:tt)*], [$($decode:tt)*]) => {
        encode!($name: [$($encode)*]);
        decode!([T: $($decode)*] $name<T>);
    };
}

macro_rules! encode {
    ($name:ident: [$($encode:tt)*]) => {
        impl<T: $($encode)*> ToBytes<'_> for $name<T> {
            type Bytes = Vec<u8>;

            fn to_bytes(&self) -> Result<Self::Bytes, Error> {
                convert::ToBytes::to_bytes(self).map_err(refused)
            }
        }
    };
}

macro_rules! decode {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> FromBytesOwned for $type {
            fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
                convert::FromBytesOwned::from_bytes_owned(data).map_err(refused)
            }

            fn from_vec(data: Vec<u8>) -> Result<Self, Failure> {
                Ok(convert::FromBytesOwned::from_bytes_owned(&data)?)
            }
        }
    };
}

wrapper!(Json: [Serialize], [DeserializeOwned]);
#[cfg(feature = "msgpack")]
wrapper!(Msgpack: [Serialize], [DeserializeOwned]);
#[cfg(feature = "prost")]
wrapper!(Prost: [prost::Message], [prost::Message + Default]);

encode!(Base64: [AsRef<[u8]>]);
decode!([] Base64<Vec<u8>>);
decode!([] Base64<String>);

#[cfg(all(feature = "raw", target_endian = "little"))]
impl<'a, T: bytemuck::Pod> ToBytes<'a> for Raw<'a, T> {
    type Bytes = &'a [u8];

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        convert::ToBytes::to_bytes(self).map_err(refused)
    }
}

#[cfg(all(feature = "raw", target_endian = "little"))]
impl<'a, T: bytemuck::Pod> crate::FromBytes<'a> for Raw<'a, T> {
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        convert::FromBytes::from_bytes(data).map_err(refused)
    }
}
