//! What functions return.

use core::fmt;

use crate::Error;
use crate::export::FAILURE;

/// What a function of a plug-in returns: a value, or an error with the code of the call.
///
/// Every error that `?` can turn into an [`Error`] has the code -1.
pub type FnResult<T> = Result<T, WithReturnCode<Error>>;

/// What a [`shared_fn`](crate::shared_fn) returns.
pub type SharedFnResult<T> = Result<T, Error>;

/// A value, most often an [`Error`], with the code that the call returns. The host takes 0 for success and every other
/// code for an error.
///
/// ```
/// use plugwright_pdk::{Error, FnResult, WithReturnCode, plugin_fn};
///
/// #[plugin_fn]
/// pub fn guarded(password: &str) -> FnResult<&'static str> {
///     if password != "sesame" {
///         return Err(WithReturnCode::new(Error::msg("wrong password"), 42));
///     }
///     Ok("come in")
/// }
/// ```
pub struct WithReturnCode<T>(pub T, pub i32);

impl<T> WithReturnCode<T> {
    /// A value with a code.
    pub fn new(value: T, code: i32) -> Self {
        Self(value, code)
    }
}

impl<E: Into<Error>> From<E> for WithReturnCode<Error> {
    fn from(error: E) -> Self {
        Self(error.into(), FAILURE)
    }
}

impl fmt::Debug for WithReturnCode<Error> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
