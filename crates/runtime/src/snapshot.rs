//! Pre-initialising a plug-in: its start-up runs once, before compilation, and every instance begins where that ended.
//!
//! A transformation of one module's bytes: a throw-away instance is made in an engine of its own, its start-up runs there
//! without any host function, and what it left in memories and globals replaces the module's own initial values. The
//! start-up functions are gone from the result, so that nothing of it runs again.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use wasmtime::Module;
use wasmtime_wizer::Wizer;

use crate::cache::{Cache, Key};
use crate::engine::EngineKey;
use crate::error::{Error, ErrorKind, Result};
use crate::wasi::WasiSettings;
use crate::{MAX_WASM_BYTES, executor};

mod engine;
mod freeze;
mod imports;
mod outline;
mod run;
mod shell;
mod trim;

use outline::Outline;
pub(crate) use shell::imports_only;

/// How long start-up may take by default.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The most bytes of memory that start-up may use, whatever `memory.max_pages` says: a module is not larger either.
const MAX_MEMORY_BYTES: u64 = MAX_WASM_BYTES;

/// How a plug-in is pre-initialised, for [`PluginBuilder::snapshot`](crate::PluginBuilder::snapshot).
///
/// What a language does before the first function can be called (`_initialize`, `__wasm_call_ctors`, `hs_init`, a start
/// function) runs once, when the plug-in is built, and every instance begins with the memory that this left. A guest
/// whose start-up takes milliseconds then costs as little as one without start-up. A plug-in without any stays as it is.
///
/// Start-up must be nothing but computation. It is refused with [`ErrorKind::Snapshot`] when it
///
/// - calls a host function or a function of the contract;
/// - uses WASI for more than the clock, random numbers, environment variables and arguments;
/// - writes to its standard output or error, which instances would not do again;
/// - looks for allowed folders, as standard Go does, and the plug-in has some: it would not find them later;
/// - reads something of the system that [`freeze`](Self::freeze) does not allow.
///
/// Neither can a plug-in of several modules be pre-initialised, nor one that imports memories, tables or globals, is a WASI
/// command with start-up functions, changes its tables by instructions, or keeps references in global variables. The error says why; the
/// guide has the whole list.
///
/// Start-up may take [`timeout`](Self::timeout) and as much memory as the plug-in may have, at most 256 MiB.
///
/// With the compilation cache on, the result is kept there, for all processes that share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    frozen: BTreeSet<SystemInput>,
    timeout: Duration,
}

/// Something of the system that a guest may read through WASI while it starts up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SystemInput {
    /// The time of day, and the time since the instance was made. The latter stands still during start-up, so that it
    /// never runs backwards for an instance.
    Clock,
    /// Random numbers.
    ///
    /// **Security:** what is derived from them is the same in all instances. That is usually the seed of hash tables, which
    /// keeps senders of input from choosing keys that collide, and of random number generators such as `math/rand` of Go.
    /// Whoever learns it from one instance knows it for all. A guest that makes secrets from random numbers of its
    /// start-up must not be frozen.
    Random,
    /// Environment variables: those that the builder was given, even if there were none.
    Environment,
    /// Arguments: those that the builder was given, even if there were none.
    Arguments,
}

impl SystemInput {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Clock, Self::Random, Self::Environment, Self::Arguments];

    /// Its name in one word, as the command line has it: `clock`, `random`, `environment` or `arguments`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Random => "random",
            Self::Environment => "environment",
            Self::Arguments => "arguments",
        }
    }
}

impl fmt::Display for SystemInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clock => "the clock",
            Self::Random => "random numbers",
            Self::Environment => "environment variables",
            Self::Arguments => "arguments",
        })
    }
}

impl Default for Snapshot {
    fn default() -> Self {
        Self { frozen: BTreeSet::new(), timeout: DEFAULT_TIMEOUT }
    }
}

impl Snapshot {
    /// A snapshot that freezes nothing of the system.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows start-up to read this of the system. **Every instance then has what was read once**, in every process that
    /// uses the snapshot: from the cache, or from a file with compiled code. Nothing by default.
    ///
    /// The values are those of this process when the snapshot is made. The runtime of standard Go reads all of
    /// [`SystemInput::ALL`].
    pub fn freeze(mut self, inputs: impl IntoIterator<Item = SystemInput>) -> Self {
        self.frozen.extend(inputs);
        self
    }

    /// Ends start-up after this time, with [`ErrorKind::Timeout`]. 30 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The module after its start-up, from the cache if it is there.
    ///
    /// # Errors
    ///
    /// `Snapshot` when that cannot be done, or what ended start-up: `Timeout`, `Trap`, `OutOfMemory`, `Exit`.
    pub(crate) fn take(
        &self,
        wasm: Vec<u8>,
        conditions: &Conditions<'_>,
        cache: Option<&Cache>,
    ) -> Result<Vec<u8>> {
        let key = Key::new(&wasm, &self.key(conditions));
        if let Some(snapshot) = cache.and_then(|cache| cache.get(&key)) {
            return Ok(snapshot);
        }
        let Some(snapshot) = self.make(&wasm, conditions)? else { return Ok(wasm) };
        if let Some(cache) = cache {
            cache.put(&key, &snapshot);
        }
        Ok(snapshot)
    }

    /// The module after its start-up, `None` when the module may stay as it is.
    fn make(&self, wasm: &[u8], conditions: &Conditions<'_>) -> Result<Option<Vec<u8>>> {
        let Some(outline) = Outline::of(wasm).filter(Outline::starts_up) else { return Ok(None) };
        let engine = engine::new(conditions.engine)?;
        if Module::validate(&engine, wasm).is_err() {
            // The compiler will say what is wrong with it.
            return Ok(None);
        }
        outline.check()?;
        let mut wizer = Wizer::new();
        outline.drop_start_up(&mut wizer);
        let (context, instrumented) = wizer.instrument(wasm).map_err(|error| unsupported(&error))?;
        let mut started = run::start(&engine, &instrumented, conditions, self.timeout)?;
        started.check(self, conditions)?;
        let mut frozen = freeze::Frozen::new(&mut started)?;
        let result = executor::block_on(wizer.snapshot(&context, &mut frozen))?;
        frozen.complete()?;
        let mut snapshot = result.map_err(|error| unsupported(&error))?;
        let idle = outline.idle_segments();
        if idle > 0 {
            snapshot = trim::without_segments(&snapshot, idle).map_err(|error| unsupported(&error.into()))?;
        }
        if snapshot.len() as u64 > MAX_WASM_BYTES {
            let message =
                format!("a snapshot of it is larger than a plug-in may be, which is {MAX_WASM_BYTES} bytes");
            return Err(refusal(message));
        }
        Ok(Some(snapshot))
    }

    /// What the result depends on besides the module. Random numbers and times are not in it: a frozen one stays the same
    /// for as long as the entry is in the cache, or each process would have code of its own and compile it.
    fn key(&self, conditions: &Conditions<'_>) -> Vec<u8> {
        let Conditions { wasi, folders, max_memory_bytes, engine } = conditions;
        let system = wasi.map(|wasi| {
            let env = self.frozen.contains(&SystemInput::Environment).then_some(&wasi.env);
            let args = self.frozen.contains(&SystemInput::Arguments).then_some(&wasi.args);
            (env, args)
        });
        // Strings are quoted and escaped, so that different values never look the same.
        format!("snapshot {:?}", (&self.frozen, system, folders, max_memory_bytes, engine.gc)).into_bytes()
    }
}

/// Under which conditions a plug-in starts up.
pub(crate) struct Conditions<'a> {
    /// Its environment variables and arguments, if it has WASI.
    pub(crate) wasi: Option<&'a WasiSettings>,
    /// Whether it has allowed folders.
    pub(crate) folders: bool,
    pub(crate) max_memory_bytes: u64,
    /// The engine that will run its instances.
    pub(crate) engine: EngineKey,
}

/// The error for what cannot be pre-initialised.
fn refusal(reason: impl Into<String>) -> Error {
    Error::new(ErrorKind::Snapshot { reads: Vec::new() }, reason)
}

/// The error for a module that has what a snapshot cannot hold.
fn unsupported(error: &wasmtime::Error) -> Error {
    let reason = crate::outcome::one_line(&error.root_cause().to_string());
    refusal(format!("a snapshot of it cannot be made: {reason}; build it without one"))
}
