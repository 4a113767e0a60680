//! A plug-in: one instance of a compiled plug-in, to be called.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use plugwright_convert::{FromBytes, ToBytes};
use uuid::Uuid;

use crate::builder::PluginBuilder;
use crate::compiled::Compiled;
use crate::error::Result;
use crate::exports::Export;
use crate::function::Function;
use crate::instance::Live;
use crate::interrupt::CancelHandle;
use crate::kernel_memory;
use crate::outcome::PostMortem;
use crate::source::PluginSource;
use crate::state::Session;

mod begun;
mod run;

pub use begun::BegunCall;

/// One instance of a plug-in, with its variables.
///
/// Its memory is set up by the first call. A call that ends in the middle (a trap, a timeout, an error of a host
/// function) costs that instance: the next call gets a fresh one, and variables and config are kept. A function that
/// returns a code other than 0 costs nothing.
///
/// The first call also decides how host functions wait that have to: under [`call`](Self::call) on their thread, under
/// [`call_async`](Self::call_async) by suspending the guest. Both may be mixed; an instance goes on as it began.
pub struct Plugin {
    compiled: Arc<Compiled>,
    id: Uuid,
    cancel: CancelHandle,
    // Exactly one of the two holds the session.
    live: Option<Box<Live>>,
    session: Option<Box<Session>>,
    fuel_consumed: Option<u64>,
    ticks: u32,
    post_mortem: PostMortem,
}

impl Plugin {
    /// Describes a plug-in from a path, a URL, bytes or a manifest; see [`PluginSource`].
    pub fn builder(source: impl Into<PluginSource>) -> PluginBuilder {
        PluginBuilder::new(source)
    }

    pub(crate) fn new(compiled: Arc<Compiled>) -> Self {
        let session = compiled.new_session();
        Self {
            id: session.id,
            cancel: CancelHandle::new(compiled.settings().cancel_when.clone()),
            compiled,
            live: None,
            session: Some(Box::new(session)),
            fuel_consumed: None,
            ticks: 0,
            post_mortem: PostMortem::default(),
        }
    }

    /// Calls a function of the plug-in.
    ///
    /// The input is whatever converts to bytes ([`ToBytes`]), the output whatever they convert to ([`FromBytes`]); `&str`
    /// and `&[u8]` borrow the output from the plug-in, without a copy.
    ///
    /// # Errors
    ///
    /// Every [`ErrorKind`](crate::ErrorKind) that a call can end with. The plug-in can be called again after any of them.
    pub fn call<'i, 'o, I, O>(&'o mut self, function: &str, input: I) -> Result<O>
    where
        I: ToBytes<'i>,
        O: FromBytes<'o>,
    {
        let entry = self.find(function)?;
        self.run(entry, input, None)?;
        self.decode(entry)
    }

    /// Like [`call`](Self::call), copying the output into `output`, whose content is replaced and whose room is reused.
    /// It is empty after an error.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub fn call_into<'i>(
        &mut self,
        function: &str,
        input: impl ToBytes<'i>,
        output: &mut Vec<u8>,
    ) -> Result<()> {
        output.clear();
        let entry = self.find(function)?;
        self.run(entry, input, None)?;
        output.extend_from_slice(self.output());
        Ok(())
    }

    /// A function of the plug-in, found once to be called many times.
    ///
    /// # Errors
    ///
    /// `FunctionNotFound`, or `Signature` when there is such a function but it cannot be called.
    pub fn function(&mut self, name: &str) -> Result<Function<'_>> {
        let entry = self.find(name)?;
        Ok(Function::new(self, entry))
    }

    /// Like [`call`](Self::call), with a context that host functions get by
    /// [`CurrentPlugin::host_context`](crate::CurrentPlugin::host_context). It is dropped at the end of the call.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub fn call_with_context<'i, 'o, I, O, C>(&'o mut self, function: &str, input: I, context: C) -> Result<O>
    where
        I: ToBytes<'i>,
        O: FromBytes<'o>,
        C: Any + Send,
    {
        let entry = self.find(function)?;
        self.run(entry, input, Some(Box::new(context)))?;
        self.decode(entry)
    }

    /// Like [`call`](Self::call), without occupying the thread while host functions wait. A guest that computes for long
    /// yields to the executor every 10 ms.
    ///
    /// It works in any executor. Dropping the future ends the call, at the cost of the instance.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    // Not an `async fn`: a future that names `I` could not be spawned, for `rustc` cannot prove it `Send` when `I` is a
    // reference.
    pub fn call_async<'i, 'o, I, O>(
        &'o mut self,
        function: &str,
        input: I,
    ) -> impl Future<Output = Result<O>> + Send
    where
        I: ToBytes<'i, Bytes: Send>,
        O: FromBytes<'o>,
    {
        self.run_async(self.find(function), input.to_bytes(), None)
    }

    /// [`call_async`](Self::call_async) with a context, as [`call_with_context`](Self::call_with_context).
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub fn call_async_with_context<'i, 'o, I, O, C>(
        &'o mut self,
        function: &str,
        input: I,
        context: C,
    ) -> impl Future<Output = Result<O>> + Send
    where
        I: ToBytes<'i, Bytes: Send>,
        O: FromBytes<'o>,
        C: Any + Send,
    {
        self.run_async(self.find(function), input.to_bytes(), Some(Box::new(context)))
    }

    /// How often the clock, which ticks about every 10 ms, has found the last call computing.
    pub fn ticks(&self) -> u32 {
        self.ticks
    }

    /// The output of the last call that ran, empty if it had none or failed. It is gone with the next one.
    pub fn output(&self) -> &[u8] {
        let Some(live) = &self.live else { return &[] };
        // `output_set` admits only what lies in the memory, which never shrinks.
        kernel_memory::bytes(&live.store, live.store.data().kernel.output).unwrap_or_default()
    }

    /// Whether the plug-in exports a function of this name that can be called.
    pub fn function_exists(&self, name: &str) -> bool {
        self.compiled.exports().find(name).is_ok()
    }

    /// The functions that the plug-in exports, with their types.
    pub fn exports(&self) -> &[Export] {
        self.compiled.exports().all()
    }

    /// The plug-in's name: the one it was built with, or its file's.
    pub fn name(&self) -> &str {
        &self.compiled.settings().name
    }

    /// An id that no other plug-in has: a random UUID.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// A handle to cancel calls of this plug-in from other threads.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }

    /// The fuel that the last call consumed; `None` without a fuel limit, or before the first call.
    pub fn fuel_consumed(&self) -> Option<u64> {
        self.fuel_consumed
    }

    /// The bytes of the instance's memories together, the memory shared with the host included; 0 without an instance. They
    /// count as its limit does, so the system may have given less.
    pub fn memory_bytes(&self) -> u64 {
        self.live.as_ref().map_or(0, |live| live.store.data().budget.used())
    }

    /// Frees what calls left in the memory shared with the host, and gives what of it is above 4 MiB back to the system. The last
    /// call's output is gone; variables and the plug-in's own memory stay.
    #[inline]
    pub fn reset(&mut self) {
        if let Some(live) = &mut self.live {
            kernel_memory::end_use(&mut live.store);
        }
    }

    /// Prepares for somebody else: what was put out is not for them, and handles that were given out do not reach their calls.
    #[inline]
    pub(crate) fn change_hands(&mut self) {
        self.reset();
        let own = 1 + usize::from(self.live.is_some());
        if self.cancel.holders() > own {
            self.replace_cancel();
        }
        if self.compiled.settings().wasi.is_some() {
            self.drop_captured();
        }
    }

    #[cold]
    fn replace_cancel(&mut self) {
        self.cancel = CancelHandle::new(self.compiled.settings().cancel_when.clone());
        if let Some(live) = &mut self.live {
            live.store.data_mut().call.interrupts.cancel = self.cancel.clone();
        }
    }

    #[inline(never)]
    fn drop_captured(&mut self) {
        drop((self.take_stdout(), self.take_stderr()));
    }

    /// Discards the instance, so that the next call gets a fresh one. Variables and config stay.
    pub fn restart(&mut self) {
        if let Some(live) = self.live.take() {
            self.session = Some(Box::new(live.into_session()));
        }
    }

    /// Changes the config that the plug-in reads: sets the keys with a value, removes those with `None`.
    pub fn update_config<K, V>(&mut self, changes: impl IntoIterator<Item = (K, Option<V>)>)
    where
        K: Into<String>,
        V: Into<String>,
    {
        let Some(session) = self.session_mut() else { return };
        for (key, value) in changes {
            match value {
                Some(value) => drop(session.config.insert(key.into(), value.into())),
                None => drop(session.config.remove(&key.into())),
            }
        }
    }

    /// How long a call may take from now on, start-up functions included; `None` for as long as it likes. At first it is what the
    /// plug-in was [built with](PluginBuilder::timeout).
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        if let Some(session) = self.session_mut() {
            session.timeout = timeout;
        }
    }

    /// How long a call may take.
    pub fn timeout(&self) -> Option<Duration> {
        self.session().and_then(|session| session.timeout)
    }

    /// Whether the plug-in sees the headers of HTTP responses from now on. At first it is what the plug-in was
    /// [built with](PluginBuilder::http_response_headers).
    pub fn set_http_response_headers(&mut self, shown: bool) {
        if let Some(session) = self.session_mut() {
            session.show_response_headers = shown;
        }
    }

    /// What the plug-in wrote to standard output since the last time, as far as
    /// [`Stdio::Capture`](crate::Stdio::Capture) keeps it.
    pub fn take_stdout(&mut self) -> Vec<u8> {
        self.session_mut().map(|session| session.captured.stdout.take()).unwrap_or_default()
    }

    /// Like [`take_stdout`](Self::take_stdout), for standard error.
    pub fn take_stderr(&mut self) -> Vec<u8> {
        self.session_mut().map(|session| session.captured.stderr.take()).unwrap_or_default()
    }

    /// What was kept of the instance of the last call that failed, see
    /// [`PluginBuilder::keep_coredump`] and [`PluginBuilder::keep_memory`].
    pub fn post_mortem(&self) -> &PostMortem {
        &self.post_mortem
    }

    /// The content of the linear memory that the plug-in exports as `memory`; `None` without an instance or such a memory.
    pub fn linear_memory(&mut self) -> Option<Vec<u8>> {
        self.live.as_mut()?.linear_memory()
    }

    fn session(&self) -> Option<&Session> {
        match &self.live {
            Some(live) => Some(&live.store.data().session),
            None => self.session.as_deref(),
        }
    }

    fn session_mut(&mut self) -> Option<&mut Session> {
        match &mut self.live {
            Some(live) => Some(&mut live.store.data_mut().session),
            None => self.session.as_deref_mut(),
        }
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("name", &self.name()).field("id", &self.id).finish_non_exhaustive()
    }
}
