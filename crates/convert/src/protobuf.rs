//! Protocol Buffers.

use alloc::vec::Vec;

use prost::Message;

use crate::{Error, FromBytesOwned, ToBytes};

/// A message type of the prost crate as Protocol Buffers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protobuf<T>(pub T);

crate::__wrapper!(Protobuf);

impl<T: Message> ToBytes<'_> for Protobuf<T> {
    type Bytes = Vec<u8>;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok(self.0.encode_to_vec())
    }
}

impl<T: Message + Default> FromBytesOwned for Protobuf<T> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        T::decode(data).map(Self).map_err(|error| Error::decode::<T>("Protobuf", error))
    }
}
