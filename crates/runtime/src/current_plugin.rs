//! What a host function sees of the plug-in that calls it.

use std::any::Any;
use std::time::Duration;

use tokio::runtime::Handle;
use uuid::Uuid;
use wasmtime::Caller;

use crate::error::{Error, ErrorKind, Result};
use crate::executor;
use crate::interrupt::Interrupts;
use crate::kernel_memory::{self as memory, Span};
use crate::state::State;

/// A block of a plug-in's kernel memory. It is valid until it is freed or the plug-in's next call begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MemoryHandle {
    offset: u64,
    len: u64,
}

impl MemoryHandle {
    /// Where the block starts, in bytes from the start of the kernel memory: what host functions and guests pass to
    /// each other. 0 is the null block.
    pub fn offset(self) -> u64 {
        self.offset
    }

    /// The block's length in bytes.
    pub fn len(self) -> u64 {
        self.len
    }

    /// Whether this is the null block, which has no bytes.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    fn span(self) -> Span {
        Span { offset: self.offset, len: self.len }
    }
}

/// Tells whether the call of a host function must stop. Got by [`CurrentPlugin::stop_check`].
#[derive(Debug, Clone)]
pub struct StopCheck(Interrupts);

impl StopCheck {
    /// Whether the call has been cancelled, or its deadline has passed. What an async host function still waits for is dropped then.
    pub fn must_stop(&self) -> bool {
        self.0.check().is_err()
    }
}

/// The plug-in that is calling a host function: its memory, variables, config, and the call's context.
///
/// A host function gets it by taking `&mut CurrentPlugin<'_>` as its first parameter.
pub struct CurrentPlugin<'a> {
    caller: Caller<'a, State>,
}

impl<'a> CurrentPlugin<'a> {
    pub(crate) fn new(caller: Caller<'a, State>) -> Self {
        Self { caller }
    }

    fn state(&self) -> &State {
        self.caller.data()
    }

    /// The plug-in's name.
    pub fn name(&self) -> &str {
        &self.state().settings.name
    }

    /// The plug-in's id.
    pub fn id(&self) -> Uuid {
        self.state().session.id
    }

    /// The block that starts at `offset`, as a guest passed it; the null block for 0.
    ///
    /// # Errors
    ///
    /// `Contract` when no block starts there.
    pub fn memory(&self, offset: u64) -> Result<MemoryHandle> {
        let Span { len, .. } = self.state().kernel.block(offset);
        if offset != 0 && len == 0 {
            return Err(Error::new(
                ErrorKind::Contract,
                format!("the plug-in passed offset {offset}, where no block of memory starts"),
            ));
        }
        Ok(MemoryHandle { offset, len })
    }

    /// The bytes of a block.
    ///
    /// # Errors
    ///
    /// `Contract` when the block has been freed.
    pub fn read(&self, block: MemoryHandle) -> Result<&[u8]> {
        self.check(block)?;
        memory::bytes(&self.caller, block.span())
    }

    /// The bytes of a block, to write to. Errors like [`read`](Self::read).
    pub fn write(&mut self, block: MemoryHandle) -> Result<&mut [u8]> {
        if block.is_empty() {
            return Ok(&mut []);
        }
        self.check(block)?;
        memory::bytes_mut(&mut self.caller, block.span())
    }

    fn check(&self, block: MemoryHandle) -> Result<()> {
        if self.state().kernel.block(block.offset) == block.span() {
            return Ok(());
        }
        let message = format!("the block of memory at offset {} has been freed", block.offset);
        Err(Error::new(ErrorKind::Contract, message))
    }

    /// A new block with these bytes; the null block for none. The guest frees it, or the start of its next call.
    ///
    /// # Errors
    ///
    /// `OutOfMemory` when the plug-in may not have so much.
    pub fn alloc_bytes(&mut self, bytes: &[u8]) -> Result<MemoryHandle> {
        let offset = memory::alloc_bytes(&mut self.caller, bytes)?;
        Ok(MemoryHandle { offset, len: bytes.len() as u64 })
    }

    /// A new block of `len` bytes with unspecified content; the null block for 0. Errors like
    /// [`alloc_bytes`](Self::alloc_bytes).
    pub fn alloc(&mut self, len: u64) -> Result<MemoryHandle> {
        match memory::alloc(&mut self.caller, len)? {
            Some(offset) => Ok(MemoryHandle { offset, len }),
            None if len == 0 => Ok(MemoryHandle { offset: 0, len: 0 }),
            None => Err(Error::new(
                ErrorKind::OutOfMemory,
                format!("the plug-in has no room for {len} more bytes"),
            )),
        }
    }

    /// Frees a block.
    pub fn free(&mut self, block: MemoryHandle) {
        memory::free(&mut self.caller, block.offset);
    }

    /// The whole memory that blocks lie in, by their offsets; for hosts that hand it on to another language. It may move when
    /// something is allocated. What a block holds is better got by [`read`](Self::read) and [`write`](Self::write), which check
    /// that there is such a block.
    ///
    /// # Errors
    ///
    /// `Contract` when the plug-in has no such memory yet.
    pub fn kernel_memory(&mut self) -> Result<&mut [u8]> {
        memory::all(&mut self.caller)
    }

    /// A variable of the plug-in.
    pub fn var(&self, key: &str) -> Option<&[u8]> {
        self.state().session.vars.get(key.as_bytes())
    }

    /// Sets a variable of the plug-in.
    ///
    /// # Errors
    ///
    /// `Limit` when the plug-in's variables would be too large.
    pub fn set_var(&mut self, key: &str, value: impl Into<Vec<u8>>) -> Result<()> {
        self.caller.data_mut().session.vars.set(key.as_bytes().to_vec(), value.into())
    }

    /// Removes a variable of the plug-in, if it is there.
    pub fn remove_var(&mut self, key: &str) {
        self.caller.data_mut().session.vars.remove(key.as_bytes());
    }

    /// A value of the plug-in's config.
    pub fn config(&self, key: &str) -> Option<&str> {
        self.state().session.config.get(key).map(String::as_str)
    }

    /// The context that the host gave to [`Plugin::call_with_context`](crate::Plugin::call_with_context), if it gave
    /// one of this type.
    pub fn host_context<T: Any>(&self) -> Option<&T> {
        self.state().call.host_context.as_deref()?.downcast_ref()
    }

    /// Like [`host_context`](Self::host_context), to change it.
    pub fn host_context_mut<T: Any>(&mut self) -> Option<&mut T> {
        self.caller.data_mut().call.host_context.as_deref_mut()?.downcast_mut()
    }

    /// A value of this type that host functions keep while the call runs: the default one for whoever asks first. It is dropped
    /// when the call ends, however it ends: a transaction that is kept so is rolled back unless it was committed.
    pub fn kept_for_call<T: Any + Send + Default>(&mut self) -> &mut T {
        let kept = self.caller.data_mut().call.kept.get_or_insert_default();
        let index = kept.iter().position(|value| value.is::<T>()).unwrap_or_else(|| {
            kept.push(Box::<T>::default());
            kept.len() - 1
        });
        match kept[index].downcast_mut() {
            Some(value) => value,
            None => unreachable!("this is the place of a value of this type"),
        }
    }

    /// The time until the call's deadline, zero once it has passed; `None` if the call has none.
    ///
    /// A host function that waits for something should not wait longer. An async one is stopped at the deadline.
    pub fn time_left(&self) -> Option<Duration> {
        self.state().call.interrupts.time_left()
    }

    /// Whether the call has been cancelled, so that the host function's work is no longer wanted.
    pub fn is_cancelled(&self) -> bool {
        self.state().call.interrupts.is_cancelled()
    }

    /// Tells whether the call must stop, as [`is_cancelled`](Self::is_cancelled) and [`time_left`](Self::time_left) do, for work that
    /// does not have the plug-in.
    pub fn stop_check(&self) -> StopCheck {
        StopCheck(self.interrupts())
    }

    /// Whether the call occupies its thread, however a host function waits: then it may block the thread, if it looks every now and then
    /// whether the call must stop. Where this is not so, somebody else needs the thread meanwhile.
    pub fn occupies_thread(&self) -> bool {
        !self.state().call.suspendable
    }

    /// An error when the call must stop now.
    pub(crate) fn check_interrupts(&mut self) -> Result<()> {
        self.caller.data_mut().check_interrupts()
    }

    /// The runtime that a host function's future belongs to.
    pub(crate) fn host_runtime(&self) -> Result<Handle> {
        executor::for_host_function(self.state().call.awaiting.clone())
    }

    pub(crate) fn interrupts(&self) -> Interrupts {
        self.state().call.interrupts.clone()
    }

    pub(crate) fn set_host_error(&mut self, message: Option<String>) {
        self.caller.data_mut().call.host_error = message;
    }
}
