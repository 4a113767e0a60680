//! What the code that `#[plugin_fn]` writes calls.

use alloc::format;
use alloc::vec::Vec;
use core::fmt::{Debug, Display};

use crate::{Error, FromBytes, Memory, ToMemory, WithReturnCode, sys};

/// The code of a failure that has none of its own.
pub(crate) const FAILURE: i32 = -1;

/// The one parameter of a function.
pub fn argument<'a, T: FromBytes<'a>>(input: &'a mut Vec<u8>) -> Result<T, Error> {
    T::from_buffer(input)
}

/// Makes an error the call's, and returns its code.
#[cold]
#[inline(never)]
pub fn fail(failure: impl Into<WithReturnCode<Error>>) -> i32 {
    let WithReturnCode(error, code) = failure.into();
    report(&error, code)
}

/// As [`fail`], for an error that can only be printed.
#[cold]
pub fn fail_debug(error: &impl Debug) -> i32 {
    report(error, FAILURE)
}

fn report(error: &dyn Debug, code: i32) -> i32 {
    // Without memory for the message there is still the code.
    let _ = set_message(&format!("{error:?}"));
    // The host takes 0 for success.
    if code == 0 { FAILURE } else { code }
}

pub(crate) fn set_message(message: &str) -> Result<(), Error> {
    let message = Memory::from_bytes(message)?;
    sys::error_set(message.offset());
    Ok(())
}

/// Makes a result the call's, and returns its code.
fn succeed(output: Result<Memory, Error>, code: i32) -> i32 {
    match output {
        Ok(output) => {
            output.set_output();
            code
        }
        Err(error) => fail(error),
    }
}

/// What a function returned, to be asked for its kind.
///
/// `(&&&Probe(&value)).kind()` finds the first of the traits below that the value fits, since method lookup takes off one
/// reference at a time.
pub struct Probe<'a, T>(pub &'a T);

/// A `Result` whose error is one of a plug-in, or turns into one.
pub struct Fallible;

/// A `Result` whose error is something to read, such as a `String`.
pub struct FallibleText;

/// A value.
pub struct Plain;

/// Finds [`Fallible`].
pub trait ProbeFallible {
    /// The kind.
    fn kind(&self) -> Fallible {
        Fallible
    }
}

/// Finds [`FallibleText`].
pub trait ProbeFallibleText {
    /// The kind.
    fn kind(&self) -> FallibleText {
        FallibleText
    }
}

/// Finds [`Plain`].
pub trait ProbePlain {
    /// The kind.
    fn kind(&self) -> Plain {
        Plain
    }
}

impl<T, E: Into<WithReturnCode<Error>>> ProbeFallible for &&Probe<'_, Result<T, E>> {}
impl<T, E: Display> ProbeFallibleText for &Probe<'_, Result<T, E>> {}
impl<T> ProbePlain for Probe<'_, T> {}

impl Fallible {
    /// Ends the call with the result, and returns its code.
    pub fn finish<T: ToMemory, E: Into<WithReturnCode<Error>>>(self, result: Result<T, E>) -> i32 {
        match result {
            Ok(value) => Plain.finish(value),
            Err(error) => fail(error),
        }
    }
}

impl FallibleText {
    /// Ends the call with the result, and returns its code.
    pub fn finish<T: ToMemory, E: Display>(self, result: Result<T, E>) -> i32 {
        match result {
            Ok(value) => Plain.finish(value),
            Err(error) => fail(Error::msg(format!("{error}"))),
        }
    }
}

impl Plain {
    /// Ends the call with the value, and returns its code.
    pub fn finish<T: ToMemory>(self, value: T) -> i32 {
        succeed(value.to_memory(), value.status())
    }
}
