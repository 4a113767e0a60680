//! From values to blocks of kernel memory.

use crate::failure::Failure;
use crate::{Error, Memory, ToBytes, WithReturnCode};

/// A value that can be put into a block of kernel memory: all that has bytes, and blocks themselves.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be handed to the host",
    note = "wrap a serde type in `Json` or `Msgpack`, or derive `ToBytes` with `#[encoding(Json)]`"
)]
pub trait ToMemory {
    /// A block with the value's bytes.
    ///
    /// # Errors
    /// When the value cannot be encoded, or there is no memory left.
    fn to_memory(&self) -> Result<Memory, Error>;

    /// As [`to_memory`](Self::to_memory), for the code that the macros write.
    #[doc(hidden)]
    fn to_output(&self) -> Result<Memory, Failure> {
        Ok(self.to_memory()?)
    }

    /// The code that a call returns whose result this is.
    fn status(&self) -> i32 {
        0
    }
}

impl<'a, T: ToBytes<'a>> ToMemory for T {
    fn to_memory(&self) -> Result<Memory, Error> {
        Memory::new(self)
    }

    fn to_output(&self) -> Result<Memory, Failure> {
        Ok(self.with_bytes(Memory::copy_of)??)
    }
}

/// The same block.
impl ToMemory for Memory {
    fn to_memory(&self) -> Result<Memory, Error> {
        Ok(Memory(self.0))
    }
}

/// The same block.
impl ToMemory for &Memory {
    fn to_memory(&self) -> Result<Memory, Error> {
        Ok(Memory(self.0))
    }
}

#[cfg(feature = "http")]
impl ToMemory for crate::HttpResponse {
    fn to_memory(&self) -> Result<Memory, Error> {
        self.as_memory().to_memory()
    }
}

impl<T: ToMemory> ToMemory for WithReturnCode<T> {
    fn to_memory(&self) -> Result<Memory, Error> {
        self.0.to_memory()
    }

    fn to_output(&self) -> Result<Memory, Failure> {
        self.0.to_output()
    }

    fn status(&self) -> i32 {
        self.1
    }
}
