//! Typed offsets.

#![allow(unsafe_code)] // `new` is declared unsafe; there is no unsafe operation here.

use core::marker::PhantomData;

use crate::memory::Memory;
use crate::{Error, FromBytesOwned};

/// The offset of a block that holds a `T`, as functions between modules pass it.
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct MemoryPointer<T>(u64, PhantomData<T>);

impl<T> MemoryPointer<T> {
    /// A pointer to the block at `offset`.
    ///
    /// # Safety
    /// None is needed: [`get`](Self::get) checks everything. It is declared so because it always was.
    pub unsafe fn new(offset: u64) -> Self {
        Self(offset, PhantomData)
    }
}

impl<T: FromBytesOwned> MemoryPointer<T> {
    /// The value in the block. Offset 0, where values without bytes are, counts as a block of no bytes.
    ///
    /// # Errors
    /// When no block starts at the offset, or its bytes are not a `T`.
    pub fn get(&self) -> Result<T, Error> {
        if self.0 == 0 {
            return T::from_bytes_owned(&[]);
        }
        match Memory::find(self.0) {
            Some(memory) => memory.to(),
            None => Err(anyhow::anyhow!("no block of memory starts at offset {}", self.0)),
        }
    }
}
