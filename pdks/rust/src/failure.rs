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
            Self::Decode(error) => refused(error),
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

/// A value or its bytes were refused, as an error for the author.
pub(crate) fn refused(error: convert::Error) -> Error {
    Error::new(Refused(error))
}

/// [`convert::Error`] without its cause. Its text says what the cause's says, and `{:?}` of an [`Error`], by which plug-ins make the
/// call's message themselves, would say that twice.
#[derive(Debug)]
struct Refused(convert::Error);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl core::error::Error for Refused {}

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
