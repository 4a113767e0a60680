//! Handing values between a plug-in and a host function.

use std::cell::RefCell;

use super::error::{Error, ErrorKind};
use super::state::State;
use crate::{FromBytesOwned, ToBytes};

/// Why a host function gave no result.
#[derive(Debug)]
pub enum Failure {
    /// Its own error.
    Function(String),
    /// A value could not be passed: that ends the call in any case.
    Passing(Error),
}

/// The way between one host function and the plug-in that calls it.
pub struct Passing<'a> {
    function: &'a str,
    state: &'a RefCell<State>,
}

impl<'a> Passing<'a> {
    pub(super) fn new(function: &'a str, state: &'a RefCell<State>) -> Self {
        Self { function, state }
    }

    /// Decodes the block that the plug-in passes.
    pub(super) fn decode<T: FromBytesOwned>(&self, offset: u64) -> Result<T, Failure> {
        let state = self.state.borrow();
        let bytes = state.blocks.block(self.function, offset).map_err(Failure::Passing)?;
        T::from_bytes_owned(bytes).map_err(|error| {
            let message = format!("host function `{}` cannot read a parameter: {error}", self.function);
            Failure::Passing(Error::new(ErrorKind::Decode, message))
        })
    }

    /// A block for the plug-in, with a result.
    pub(super) fn encode<T: for<'b> ToBytes<'b>>(&self, value: &T) -> Result<u64, Failure> {
        let bytes = value.to_bytes().map_err(|error| {
            let message = format!("host function `{}` cannot pass its result: {error}", self.function);
            Failure::Passing(Error::new(ErrorKind::Encode, message))
        })?;
        Ok(self.state.borrow_mut().blocks.insert(bytes.as_ref().to_vec()))
    }

    /// The plug-in and the test do not agree on the number of parameters.
    pub(super) fn wrong_count(&self, declared: usize, passed: usize) -> Failure {
        Failure::Passing(Error::new(
            ErrorKind::HostFunction,
            format!(
                "the plug-in passes {passed} values to host function `{}`, but the test declares {declared} parameters",
                self.function
            ),
        ))
    }
}
