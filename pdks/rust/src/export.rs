//! What the code that `#[plugin_fn]` writes calls.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{Debug, Display};

use crate::failure::{Failure, NoRoom};
use crate::{Error, FromBytes, Memory, ToMemory, WithReturnCode, sys};

/// The code of a failure that has none of its own.
pub(crate) const FAILURE: i32 = -1;

/// The one parameter of a function.
pub fn argument<'a, T: FromBytes<'a>>(input: &'a mut Vec<u8>) -> Result<T, Failure> {
    T::from_buffer(input)
}

/// Makes an error the call's, and returns its code.
#[cold]
#[inline(never)]
pub fn fail(error: impl Into<Failure>) -> i32 {
    match error.into() {
        Failure::Decode(error) => fail_with(&format!("{error}"), FAILURE),
        Failure::NoRoom(error) => fail_with(&format!("{error}"), FAILURE),
        Failure::Other(error) => fail_with(&describe(&error), FAILURE),
    }
}

/// Makes an error the call's, and returns its code.
#[cold]
fn fail_coded(WithReturnCode(error, code): WithReturnCode<Error>) -> i32 {
    fail_with(&describe(&error), code)
}

/// As [`fail`], for an error that can only be printed.
#[cold]
pub fn fail_debug(error: &impl Debug) -> i32 {
    fail_with(&format!("{error:?}"), FAILURE)
}

fn fail_with(message: &str, code: i32) -> i32 {
    // Without memory for the message there is still the code.
    let _ = set_message(message);
    // The host takes 0 for success.
    if code == 0 { FAILURE } else { code }
}

/// An error and its causes, laid out as `{:?}` of [`Error`] does it. That would bring `Debug` of everything into the plug-in,
/// and say twice what some errors say of their causes themselves.
fn describe(error: &Error) -> String {
    let mut causes: Vec<String> = Vec::new();
    for error in error.chain() {
        let text = format!("{error}");
        if !causes.last().is_some_and(|effect| effect.ends_with(&text)) {
            causes.push(text);
        }
    }
    match causes.as_slice() {
        [] => String::new(),
        [text] => text.clone(),
        [text, cause] => format!("{text}\n\nCaused by:\n    {cause}"),
        [text, causes @ ..] => {
            let mut lines = format!("{text}\n\nCaused by:");
            for (number, cause) in causes.iter().enumerate() {
                lines += &format!("\n    {number}: {cause}");
            }
            lines
        }
    }
}

pub(crate) fn set_message(message: &str) -> Result<(), NoRoom> {
    let message = Memory::copy_of(message.as_bytes())?;
    sys::error_set(message.offset());
    Ok(())
}

/// Makes a result the call's, and returns its code.
fn succeed(output: Result<Memory, Failure>, code: i32) -> i32 {
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

/// Finds `Fallible`.
pub trait ProbeFallible {
    /// The kind.
    fn kind(&self) -> Fallible {
        Fallible
    }
}

/// Finds `FallibleText`.
pub trait ProbeFallibleText {
    /// The kind.
    fn kind(&self) -> FallibleText {
        FallibleText
    }
}

/// Finds `Plain`.
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
            Err(error) => fail_coded(error.into()),
        }
    }
}

impl FallibleText {
    /// Ends the call with the result, and returns its code.
    pub fn finish<T: ToMemory, E: Display>(self, result: Result<T, E>) -> i32 {
        match result {
            Ok(value) => Plain.finish(value),
            Err(error) => fail_with(&format!("{error}"), FAILURE),
        }
    }
}

impl Plain {
    /// Ends the call with the value, and returns its code.
    pub fn finish<T: ToMemory>(self, value: T) -> i32 {
        succeed(value.to_output(), value.status())
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned as _;
    use std::string::{String, ToString as _};

    use super::{Error, describe};
    use crate::FromBytes as _;

    /// The error as `{:?}` shows it. A test has a backtrace below when another package has turned on `anyhow`'s feature `std`.
    fn debugged(error: &Error) -> String {
        let text = std::format!("{error:?}");
        text.split("\n\nStack backtrace:").next().unwrap_or_default().to_owned()
    }

    #[test]
    fn an_error_alone_is_its_text() {
        assert_eq!(describe(&Error::msg("no tea")), "no tea");
    }

    #[test]
    fn causes_are_listed_as_debug_lists_them() {
        let one = Error::msg("no leaves").context("no tea");
        assert_eq!(describe(&one), "no tea\n\nCaused by:\n    no leaves");
        assert_eq!(describe(&one), debugged(&one));
        let two = one.context("no breakfast");
        assert_eq!(describe(&two), "no breakfast\n\nCaused by:\n    0: no tea\n    1: no leaves");
        assert_eq!(describe(&two), debugged(&two));
    }

    #[test]
    fn a_cause_that_was_told_is_not_repeated() {
        let error = crate::Json::<u8>::from_bytes("x".as_bytes()).unwrap_err();
        assert_eq!(describe(&error), error.to_string());
        // As plug-ins make the message that write their exports themselves.
        assert_eq!(debugged(&error), error.to_string());
    }
}
