//! Instances of a plug-in.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{ObjectFinalize, Uint8Array};
use napi_derive::napi;
use plugwright::{BegunCall, Error, Plugin};
use tokio::runtime::Handle;

use crate::bell::Ringer;
use crate::call::{self, Call, Ended, Outcome, Work, duration};
use crate::compiled::CompiledPlugin;
use crate::environment::{self, Environment};
use crate::exchange::Exchange;
use crate::host_function::CallContext;
use crate::log::LogQueue;
use crate::place::Place;
use crate::residents::{self, Resident};
use crate::threads;

/// An instance that is called.
pub(crate) type Instance = Box<Plugin>;

/// Where an instance is between calls.
pub(crate) type Home = Rc<Cell<Option<Instance>>>;

/// What the garbage collector is told that an instance takes: pages of its own, and some of the engine's. It is a guess, which has
/// the effect that collections run often enough.
const BYTES: i64 = 256 << 10;

/// One instance of a plug-in.
#[napi(custom_finalize)]
pub(crate) struct NativePlugin {
    resident: Resident,
    /// Where the thread keeps it.
    place: u32,
    id: String,
    /// The bytes that the garbage collector was told of.
    told: i64,
}

impl ObjectFinalize for NativePlugin {
    fn finalize(self, env: Env) -> napi::Result<()> {
        residents::dismiss(self.place, &self.resident.home);
        if self.told != 0 {
            env.adjust_external_memory(-self.told)?;
        }
        Ok(())
    }
}

/// Is added to the number of a function that is to run on another thread.
const ELSEWHERE: u32 = 1 << 31;

/// Is added to the number of a function that belongs on another thread and is likely to be brief.
const HEAD_START: u32 = 1 << 30;

/// Where a call is to run.
pub(crate) enum Manner {
    /// On the thread of JavaScript.
    Here,
    /// On other threads.
    There(Handle),
    /// On other threads, with a head start on that of JavaScript.
    HeadStart(Handle),
}

impl Manner {
    /// Takes the number of a function apart, as JavaScript passes it.
    ///
    /// # Errors
    /// When there are no threads.
    fn of(thread: &mut Environment, entry: u32) -> napi::Result<(u32, Self)> {
        let manner = if entry & ELSEWHERE != 0 {
            Self::There(threads::handle()?)
        } else if entry & HEAD_START != 0 {
            thread.head_starts.prepare()?;
            Self::HeadStart(threads::handle()?)
        } else {
            Self::Here
        };
        Ok((entry & !(ELSEWHERE | HEAD_START), manner))
    }
}

/// The future of a call that is about to begin.
pub(crate) struct Begun {
    pub(crate) work: Work,
    /// Whether the call itself is all that is left to do.
    pub(crate) is_ready: bool,
}

#[napi]
impl NativePlugin {
    #[napi(constructor)]
    pub fn new(env: Env, compiled: &CompiledPlugin) -> napi::Result<Self> {
        let plugin =
            compiled.plugin.instantiate().map_err(|error| napi::Error::from_reason(error.to_string()))?;
        let id = plugin.id().to_string();
        let resident = Resident {
            home: Rc::new(Cell::new(Some(Box::new(plugin)))),
            names: compiled.names.clone(),
            logs: compiled.logs.clone(),
        };
        let place = residents::admit(resident.clone());
        env.adjust_external_memory(BYTES)?;
        Ok(Self { resident, place, id, told: BYTES })
    }

    /// Begins a call of the function of this place in the list, and advances it as `step` does; the call's number is the third one in
    /// the header. The input is in the scratch memory, or in `input`. `timeout` is in milliseconds.
    #[napi]
    pub fn start(
        &mut self,
        entry: u32,
        len: u32,
        input: Option<Uint8Array>,
        timeout: Option<f64>,
    ) -> napi::Result<u32> {
        environment::with(|thread| self.resident.start(thread, entry, input.as_deref(), len, timeout))
    }

    /// Where the thread keeps the instance, for `callNow`.
    #[napi(getter)]
    pub fn place(&self) -> u32 {
        self.place
    }

    /// The id, a UUID.
    #[napi(getter)]
    pub fn id(&self) -> String {
        self.id.clone()
    }

    /// Frees what calls left in the memory shared with the host.
    #[napi]
    pub fn reset(&mut self) -> napi::Result<()> {
        self.with(Plugin::reset)
    }

    /// Discards the instance's memory; variables stay.
    #[napi]
    pub fn restart(&mut self) -> napi::Result<()> {
        self.with(Plugin::restart)
    }

    /// Sets the keys with a value, removes those without one: a list of keys and values by turns.
    #[napi]
    pub fn update_config(&mut self, keys: Vec<String>, values: Vec<Option<String>>) -> napi::Result<()> {
        self.with(|plugin| plugin.update_config(keys.into_iter().zip(values)))
    }

    /// What was captured of standard output since the last time.
    #[napi]
    pub fn take_stdout(&mut self) -> napi::Result<Uint8Array> {
        self.with(Plugin::take_stdout).map(Uint8Array::from)
    }

    /// What was captured of standard error since the last time.
    #[napi]
    pub fn take_stderr(&mut self) -> napi::Result<Uint8Array> {
        self.with(Plugin::take_stderr).map(Uint8Array::from)
    }

    /// The fuel that the last call consumed, if there is a limit.
    #[napi]
    pub fn fuel_consumed(&mut self) -> napi::Result<Option<f64>> {
        self.with(|plugin| plugin.fuel_consumed().map(|fuel| fuel as f64))
    }

    /// Frees the instance.
    #[napi]
    pub fn close(&mut self, env: Env) -> napi::Result<()> {
        drop(self.resident.home.take());
        residents::dismiss(self.place, &self.resident.home);
        env.adjust_external_memory(-self.told)?;
        self.told = 0;
        Ok(())
    }
}

impl NativePlugin {
    fn with<R>(&mut self, action: impl FnOnce(&mut Plugin) -> R) -> napi::Result<R> {
        let home = &self.resident.home;
        let Some(mut plugin) = home.take() else { return Err(not_at_home()) };
        let result = action(&mut plugin);
        home.set(Some(plugin));
        Ok(result)
    }
}

impl Resident {
    /// Begins a call, see [`NativePlugin::start`].
    fn start(
        &self,
        thread: &mut Environment,
        entry: u32,
        input: Option<&[u8]>,
        len: u32,
        timeout: Option<f64>,
    ) -> napi::Result<u32> {
        let Self { home, names, logs } = self;
        let (entry, manner) = Manner::of(thread, entry)?;
        let name = names.get(entry)?;
        timeout.map(duration).transpose()?;
        // From here on nothing fails, so that the plug-in comes home.
        let passed = match input {
            Some(input) => Passed::Array(input),
            None => Passed::Scratch(thread.first(len)?.len()),
        };
        let Some(plugin) = home.take() else { return Err(not_at_home()) };
        let work = |thread: &mut Environment, exchange: Arc<Exchange>| {
            let input = match passed {
                Passed::Array(input) => input,
                Passed::Scratch(len) => &thread.data()[..len],
            };
            own_call(plugin, name, input, exchange, timeout)
        };
        Ok(start(thread, manner, Some(home.clone()), logs.clone(), work))
    }
}

/// Begins a call as `NativePlugin.start` does, without a time limit of its own, and of what passes through the scratch memory alone. The header
/// has the length of the input, the function's place in the list, and the instance's as its last number, which in the end is what `step` says.
#[napi]
pub(crate) fn start_passed() -> napi::Result<()> {
    environment::with(|thread| {
        let [len, entry, _, place] = thread.header();
        let started = residents::with(place, |resident| resident.start(thread, entry, None, len, None));
        let said = started.unwrap_or_else(|| Err(not_at_home()))?;
        thread.set_last(said);
        Ok(())
    })
}

/// Begins a call whose future `begin` makes, and advances it.
pub(crate) fn start(
    thread: &mut Environment,
    manner: Manner,
    home: Option<Home>,
    logs: Arc<LogQueue>,
    begin: impl FnOnce(&mut Environment, Arc<Exchange>) -> Begun,
) -> u32 {
    let number = thread.number();
    let bell = thread.bell.clone();
    let exchange = Exchange::new(Some((bell.clone(), number)));
    let Begun { work, is_ready } = begin(thread, exchange.clone());
    let place = match manner {
        Manner::Here => Place::Here { work, waker: Ringer { bell, number }.into() },
        Manner::HeadStart(threads) if is_ready => {
            Place::HeadStart { work, waker: Ringer { bell, number }.into(), threads }
        }
        Manner::HeadStart(threads) | Manner::There(threads) => Place::there(&threads, exchange.clone(), work),
    };
    let step = call::begin(thread, number, Call::new(exchange, place, home, logs));
    thread.set_call_number(number);
    step
}

/// A copy of the input: of `input`, else of so many bytes of the scratch memory.
pub(crate) fn input_bytes(
    thread: &mut Environment,
    len: u32,
    input: Option<&Uint8Array>,
) -> napi::Result<Vec<u8>> {
    match input {
        Some(input) => Ok(input.to_vec()),
        None => Ok(thread.first(len)?.to_vec()),
    }
}

/// Where the input of a call is.
enum Passed<'a> {
    Array(&'a [u8]),
    /// So many bytes of the scratch memory.
    Scratch(usize),
}

/// The call of an instance that is given back. It is begun, so that the plug-in has the input.
fn own_call(
    mut plugin: Instance,
    name: &str,
    input: &[u8],
    exchange: Arc<Exchange>,
    timeout: Option<f64>,
) -> Begun {
    let usual = plugin.timeout();
    set_timeout(&mut plugin, timeout);
    let context = CallContext { exchange: exchange.clone() };
    let begun = plugin.begin_call(name, input, Some(Box::new(context)));
    let is_ready = begun.as_ref().is_ok_and(BegunCall::is_started);
    let work = Box::pin(async move {
        let result = match begun {
            // Pinned here, so that what goes into the future around it is a pointer.
            Ok(begun) => exchange.run(pin!(plugin.finish_call(begun))).await,
            Err(error) => Some(Err(error)),
        };
        plugin.set_timeout(usual);
        let outcome = match result {
            Some(Ok(())) => Outcome::Output(None),
            Some(Err(error)) => Outcome::Error(error),
            None => Outcome::Cancelled,
        };
        Ended { instance: Some(plugin), outcome }
    });
    Begun { work, is_ready }
}

/// Sets the time limit of one call, if there is one, which `start` has seen to be a time.
fn set_timeout(plugin: &mut Plugin, timeout: Option<f64>) {
    if let Some(timeout) = timeout {
        plugin.set_timeout(duration(timeout).ok().flatten());
    }
}

/// Calls a plug-in; `None` when the call was cancelled by the exchange.
pub(crate) async fn call_plugin(
    plugin: &mut Plugin,
    name: &str,
    input: &[u8],
    exchange: &Arc<Exchange>,
    timeout: Option<f64>,
) -> Option<Result<(), Error>> {
    let usual = plugin.timeout();
    set_timeout(plugin, timeout);
    let context = CallContext { exchange: exchange.clone() };
    let result = exchange.run(plugin.call_async_with_context::<_, (), _>(name, input, context)).await;
    plugin.set_timeout(usual);
    result
}

#[cold]
pub(crate) fn not_at_home() -> napi::Error {
    napi::Error::from_reason("the plug-in is being called, or has been closed")
}
