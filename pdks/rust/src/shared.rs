//! What the code that `#[shared_fn]` writes calls.

use crate::{Error, FromBytesOwned, MemoryPointer, ToMemory};

/// A parameter.
///
/// # Panics
/// When it is not a `T`: a module of the same plug-in is wrong, and there is nobody to tell.
#[track_caller]
pub fn argument<T: FromBytesOwned>(pointer: &MemoryPointer<T>) -> T {
    match pointer.get() {
        Ok(value) => value,
        Err(error) => fail(error),
    }
}

// `#[track_caller]` everywhere makes the author's function the place of the panic; a closure would lose it.

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
        match self.to_memory() {
            Ok(memory) => memory.offset(),
            Err(error) => fail(error),
        }
    }

    fn into_nothing(self) {}
}

impl<T: ToMemory, E: Into<Error>> Output for Result<T, E> {
    #[track_caller]
    fn into_offset(self) -> u64 {
        match self {
            Ok(value) => value.into_offset(),
            Err(error) => fail(error.into()),
        }
    }

    #[track_caller]
    fn into_nothing(self) {
        match self {
            Ok(value) => value.into_nothing(),
            Err(error) => fail(error.into()),
        }
    }
}

#[cold]
#[track_caller]
fn fail(error: Error) -> ! {
    panic!("{error:#}")
}
