//! How a call runs: an instance to run on, the guest, and what becomes of its end.

use std::any::Any;
use std::pin::pin;

use plugwright_convert::{FromBytes, ToBytes};
use tokio::runtime::Handle;

use super::Plugin;
use crate::engine::Flavor;
use crate::error::{Error, ErrorKind, Result};
use crate::executor;
use crate::exports::EntryPoint;
use crate::instance::Live;
use crate::interrupt::Interrupts;
use crate::kernel_memory;
use crate::outcome::{self, Ending, PostMortem};
use crate::stack;

impl Plugin {
    /// The index of the entry point of this name.
    pub(super) fn find(&self, function: &str) -> Result<usize> {
        let found = self.compiled.exports().find(function);
        found.map_err(|error| error.with_plugin(self.name()).with_function(function))
    }

    pub(crate) fn entry_point(&self, entry: usize) -> &EntryPoint {
        &self.compiled.exports().entry_points()[entry]
    }

    /// Calls the entry point at this index.
    pub(crate) fn run<'i>(
        &mut self,
        entry: usize,
        input: impl ToBytes<'i>,
        context: Option<Box<dyn Any + Send>>,
    ) -> Result<()> {
        match input.with_bytes(|input| self.run_bytes(entry, input, context)) {
            Ok(result) => result,
            Err(error) => Err(self.input_error(entry, error)),
        }
    }

    fn run_bytes(&mut self, entry: usize, input: &[u8], context: Option<Box<dyn Any + Send>>) -> Result<()> {
        self.begin(entry, context, Flavor::Blocking)?;
        let Running(plugin) = &mut Running(self);
        let Some(live) = &mut plugin.live else { return Err(no_instance()) };
        let outcome = match live.flavor {
            Flavor::Blocking => live.call(&plugin.compiled, entry, input),
            Flavor::Async => {
                let interrupts = suspendable(live);
                let call = interrupts.race(live.call_async(&plugin.compiled, entry, Some(input)));
                let call = executor::block_on(call).and_then(|result| result);
                call.unwrap_or_else(|stopped| Err(wasmtime::Error::new(stopped)))
            }
        };
        plugin.finish(entry, outcome)
    }

    /// Calls the entry point that was found at this index, and decodes its output.
    pub(crate) async fn run_async<'o, O: FromBytes<'o>>(
        &'o mut self,
        entry: Result<usize>,
        input: Result<impl AsRef<[u8]>, plugwright_convert::Error>,
        context: Option<Box<dyn Any + Send>>,
    ) -> Result<O> {
        let entry = entry?;
        let input = input.map_err(|error| self.input_error(entry, error))?;
        self.begin(entry, context, Flavor::Async)?;
        self.go(entry, Some(input.as_ref())).await?;
        self.decode(entry)
    }

    /// Runs a call that was begun to its end, with an input unless that was passed already.
    pub(super) async fn go(&mut self, entry: usize, input: Option<&[u8]>) -> Result<()> {
        let Running(plugin) = &mut Running(self);
        let Some(live) = &mut plugin.live else { return Err(no_instance()) };
        let interrupts = suspendable(live);
        if live.flavor == Flavor::Async {
            live.store.data_mut().call.awaiting = Handle::try_current().ok();
        }
        // Pinned here, so that what goes into the futures around it is a pointer.
        let outcome = executor::within(
            executor::handle()?,
            interrupts.race(pin!(live.call_async(&plugin.compiled, entry, input))),
        )
        .await;
        plugin.finish(entry, outcome.unwrap_or_else(|stopped| Err(wasmtime::Error::new(stopped))))
    }

    /// Prepares a call: sees to it that there is an instance, of this flavor if it is new.
    pub(super) fn begin(
        &mut self,
        entry: usize,
        host_context: Option<Box<dyn Any + Send>>,
        flavor: Flavor,
    ) -> Result<()> {
        // A command starts afresh each time, and leaves an instance that cannot be used again.
        if self.live.as_ref().is_some_and(|live| live.spent || self.entry_point(entry).is_command) {
            self.restart();
        }
        // What cannot wait needs no way to, and can be called in both.
        let suited = if self.compiled.may_wait() { flavor } else { Flavor::Blocking };
        let begun = self.live_mut(suited).and_then(|live| {
            // Otherwise the guest has a stack of its own.
            if flavor == Flavor::Blocking && live.flavor == Flavor::Blocking {
                stack::check()?;
            }
            live.begin(host_context)
        });
        begun.map_err(|error| self.named(entry, error))?;
        self.cancel.begin();
        Ok(())
    }

    /// The instance, a new one of this flavor if there is none.
    fn live_mut(&mut self, flavor: Flavor) -> Result<&mut Live> {
        if self.live.is_none() {
            let session = self.session.take().ok_or_else(no_instance)?;
            match Live::new(&self.compiled, *session, self.cancel.clone(), flavor) {
                Ok(live) => self.live = Some(live),
                Err((error, session)) => {
                    self.session = Some(session);
                    return Err(error);
                }
            }
        }
        self.live.as_deref_mut().ok_or_else(no_instance)
    }

    /// Ends a call: what the engine returned becomes the call's result, and an instance in the middle of something goes.
    pub(super) fn finish(&mut self, entry: usize, outcome: wasmtime::Result<i32>) -> Result<()> {
        self.cancel.end();
        let Some(live) = &mut self.live else { return Err(no_instance()) };
        if let Some(fuel) = self.compiled.settings().fuel {
            self.fuel_consumed = live.store.get_fuel().ok().map(|left| fuel.saturating_sub(left));
        }
        let state = live.store.data_mut();
        self.ticks = state.call.ticks;
        state.call.log.finish(&state.settings.log, &state.settings.name, state.session.id);
        state.call.host_context = None;
        state.call.kept = None;
        match outcome {
            Ok(code) => {
                live.spent = self.compiled.exports().entry_points()[entry].is_command;
                if code == 0 { Ok(()) } else { self.failed(entry, code) }
            }
            Err(error) => self.ended(entry, error),
        }
    }

    #[cold]
    fn failed(&mut self, entry: usize, code: i32) -> Result<()> {
        let Some(live) = &mut self.live else { return Err(no_instance()) };
        let message = outcome::guest_message(&live.store);
        live.store.data_mut().kernel.output = kernel_memory::Span::default();
        Err(self.named(entry, outcome::guest_error(code, message)))
    }

    #[cold]
    fn ended(&mut self, entry: usize, error: wasmtime::Error) -> Result<()> {
        let Some(live) = &mut self.live else { return Err(no_instance()) };
        let keep = self.compiled.settings().post_mortem;
        let kept = PostMortem {
            coredump: if keep.coredump {
                outcome::coredump(&error, &self.compiled.settings().name, &mut live.store)
            } else {
                None
            },
            memory: if keep.memory { live.linear_memory() } else { None },
        };
        let said = outcome::guest_message(&live.store);
        match outcome::ending(error, live.store.data(), &said, live.entered, live.code.source_map()) {
            // The output can still be read; the next call discards the instance.
            Ending::Success => Ok(()),
            Ending::Failure(error) => {
                self.post_mortem = kept;
                self.restart();
                Err(self.named(entry, error))
            }
        }
    }

    pub(crate) fn decode<'o, O: FromBytes<'o>>(&'o self, entry: usize) -> Result<O> {
        O::from_bytes(self.output()).map_err(|error| {
            let message = format!("the output is not what was asked for: {error}");
            self.named(entry, Error::new(ErrorKind::Decode, message).with_source(error))
        })
    }

    pub(super) fn input_error(&self, entry: usize, error: plugwright_convert::Error) -> Error {
        let message = format!("the input cannot be passed: {error}");
        self.named(entry, Error::new(ErrorKind::Encode, message).with_source(error))
    }

    fn named(&self, entry: usize, error: Error) -> Error {
        error.with_plugin(self.name()).with_function(&self.entry_point(entry).name)
    }
}

/// A call under way. When it never finishes, because its future is dropped or something panics, the instance goes.
struct Running<'a>(&'a mut Plugin);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.0.cancel.is_idle() {
            self.0.cancel.end();
            self.0.restart();
        }
    }
}

/// Marks a call as one that may be suspended: at the clock's next tick, and not for those that came and went between calls.
fn suspendable(live: &mut Live) -> Interrupts {
    live.store.set_epoch_deadline(1);
    let call = &mut live.store.data_mut().call;
    call.suspendable = true;
    call.interrupts.clone()
}

fn no_instance() -> Error {
    Error::new(ErrorKind::Limit, "the plug-in has no instance; build it again")
}
