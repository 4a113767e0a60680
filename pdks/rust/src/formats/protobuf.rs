//! Protocol Buffers by the protobuf crate.

use alloc::vec::Vec;

use protobuf::Message;

use crate::{Error, FromBytesOwned, ToBytes};

/// A message type of the protobuf crate as Protocol Buffers; [`Prost`](crate::Prost) is for those of the prost crate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Protobuf<T: Message>(pub T);

impl<T: Message> From<T> for Protobuf<T> {
    fn from(message: T) -> Self {
        Self(message)
    }
}

impl<T: Message> ToBytes<'_> for Protobuf<T> {
    type Bytes = Vec<u8>;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok(self.0.write_to_bytes()?)
    }
}

impl<T: Message> FromBytesOwned for Protobuf<T> {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        Ok(Self(T::parse_from_bytes(data)?))
    }
}
