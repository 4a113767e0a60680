//! Values as they lie in memory.

use core::ops::Deref;

use bytemuck::{Pod, PodCastError};

use crate::{Error, FromBytes, Malformed, ToBytes};

/// A plain-old-data value as the bytes that it has in memory, without a copy either way.
///
/// It exists on little-endian targets only, as WebAssembly is, so the bytes mean the same on both
/// sides. Both sides must agree on the layout: give a struct `#[repr(C)]` and no padding.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Raw<'a, T>(pub &'a T);

impl<T> Clone for Raw<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Raw<'_, T> {}

impl<'a, T> Raw<'a, T> {
    /// The wrapped reference.
    pub fn into_inner(self) -> &'a T {
        self.0
    }
}

impl<T> Deref for Raw<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

impl<'a, T: Pod> ToBytes<'a> for Raw<'a, T> {
    type Bytes = &'a [u8];

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        Ok(bytemuck::bytes_of(self.0))
    }
}

impl<'a, T: Pod> FromBytes<'a> for Raw<'a, T> {
    /// Also refuses bytes that are not aligned for a `T`. Where the alignment of the bytes cannot be
    /// known, decode a `Vec<u8>` and copy from that.
    fn from_bytes(data: &'a [u8]) -> Result<Self, Error> {
        bytemuck::try_from_bytes(data).map(Raw).map_err(|error| {
            let reason = match error {
                PodCastError::TargetAlignmentGreaterAndInputNotAligned => {
                    Malformed::Alignment { expected: align_of::<T>() }
                }
                _ => Malformed::Length { expected: size_of::<T>(), found: data.len() },
            };
            Error::decode::<T>("raw bytes", reason)
        })
    }
}
