//! What fails outside of the author's code.

use core::fmt;

use plugwright_convert as convert;

use crate::Error;

/// Why an input could not be read, or an output not be written.
///
/// An [`Error`] could say all of this; but one that is made brings 10 KB of code into the plug-in, and a small plug-in makes no other.
pub enum Failure {
    /// The bytes are no value of the type.
    Decode(convert::Error),
    /// There is no memory left.
    NoRoom(NoRoom),
    /// What a type of the author's says.
    Other(Error),
}

impl Failure {
    /// The failure for the author to handle.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Decode(error) => error.into(),
            Self::NoRoom(error) => error.into(),
            Self::Other(error) => error,
        }
    }
}

impl From<convert::Error> for Failure {
    fn from(error: convert::Error) -> Self {
        Self::Decode(error)
    }
}

impl From<NoRoom> for Failure {
    fn from(error: NoRoom) -> Self {
        Self::NoRoom(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// There is no kernel memory for so many bytes.
#[derive(Debug)]
pub struct NoRoom(pub(crate) usize);

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "there is no memory left for {} bytes; raise the plug-in's memory limit, or free blocks",
            self.0
        )
    }
}

impl core::error::Error for NoRoom {}
