//! What the code that `#[shared_fn]` writes calls.

use core::fmt::Display;

use crate::{Error, FromBytesOwned, MemoryPointer, ToMemory};

/// A parameter.
///
/// # Panics
/// When it is not a `T`: a module of the same plug-in is wrong, and there is nobody to tell.
#[track_caller]
pub fn argument<T: FromBytesOwned>(pointer: &MemoryPointer<T>) -> T {
    pointer.get().unwrap_or_else(|error| fail(error))
}

/// A result for another module: a value, or a `Result`.
pub trait Output {
    /// The offset of a block with the result. A failure is a panic.
    fn into_offset(self) -> u64;

    /// Nothing. A failure is a panic.
    fn into_nothing(self);
}

impl<T: ToMemory> Output for T {
    #[track_caller]
    fn into_offset(self) -> u64 {
        self.to_memory().unwrap_or_else(|error| fail(error)).offset()
    }

    fn into_nothing(self) {}
}

impl<T: ToMemory, E: Into<Error>> Output for Result<T, E> {
    #[track_caller]
    fn into_offset(self) -> u64 {
        self.unwrap_or_else(|error| fail(error.into())).into_offset()
    }

    #[track_caller]
    fn into_nothing(self) {
        self.unwrap_or_else(|error| fail(error.into())).into_nothing();
    }
}

#[cold]
#[track_caller]
fn fail(error: impl Display) -> ! {
    panic!("{error:#}")
}
