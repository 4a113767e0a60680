//! Calls in two steps, for callers whose input does not live as long as the call.

use std::any::Any;

use plugwright_convert::ToBytes;

use super::Plugin;
use crate::engine::Flavor;
use crate::error::Result;

/// A call that was begun, see [`Plugin::begin_call`].
#[derive(Debug)]
#[must_use = "a call that is not finished costs the instance"]
pub struct BegunCall {
    entry: usize,
    /// Unless it was passed already.
    input: Option<Box<[u8]>>,
}

impl BegunCall {
    /// Whether the instance has been started, so that all that is left to do is the call itself.
    pub fn is_started(&self) -> bool {
        self.input.is_none()
    }
}

impl Plugin {
    /// Begins a call that [`finish_call`](Self::finish_call) runs to its end, as [`call_async`](Self::call_async) does: the input need
    /// not live that long.
    ///
    /// A call that was begun and is not finished costs the instance.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call), those of the guest excepted.
    pub fn begin_call<'i>(
        &mut self,
        function: &str,
        input: impl ToBytes<'i>,
        context: Option<Box<dyn Any + Send>>,
    ) -> Result<BegunCall> {
        let entry = self.find(function)?;
        // An input that cannot be passed begins nothing.
        match input.with_bytes(|input| self.begin_with(entry, input, context)) {
            Ok(begun) => begun,
            Err(error) => Err(self.input_error(entry, error)),
        }
    }

    fn begin_with(
        &mut self,
        entry: usize,
        input: &[u8],
        context: Option<Box<dyn Any + Send>>,
    ) -> Result<BegunCall> {
        self.begin(entry, context, Flavor::Async)?;
        let passed = match &mut self.live {
            Some(live) if live.is_started() => live.set_input(input).map(|()| None),
            // Its memory is there when it has been started.
            _ => Ok(Some(input.into())),
        };
        match passed {
            Ok(input) => Ok(BegunCall { entry, input }),
            Err(error) => self.finish(entry, Err(error)).map(|()| BegunCall { entry, input: None }),
        }
    }

    /// Runs a call to its end that [`begin_call`](Self::begin_call) of this plug-in began; [`output`](Self::output) is its output.
    ///
    /// # Errors
    ///
    /// Those of the guest, as [`call`](Self::call).
    pub async fn finish_call(&mut self, call: BegunCall) -> Result<()> {
        self.go(call.entry, call.input.as_deref()).await
    }
}
