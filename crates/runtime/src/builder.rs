//! Describing a plug-in: where it comes from, what it may do, what the host lends it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::DEFAULT_MAX_LOG_BYTES;
use crate::cache::Cache;
use crate::capability::Capability;
use crate::compilation::serialize;
use crate::compiled::CompiledPlugin;
use crate::engine::{EngineKey, Profiler};
use crate::error::Result;
use crate::host_function::{FunctionImport, HostFunction, IntoAsyncHostFunction, IntoHostFunction, Tailor};
use crate::interrupt::CancelWhen;
use crate::logging::{LogLevel, LogRecord, LogSink};
use crate::plugin::Plugin;
use crate::settings::PostMortemSettings;
use crate::snapshot::Snapshot;
use crate::source::PluginSource;
use crate::wasi::{Stdin, Stdio, WasiSettings};

mod load;

/// The name of the main module of a plug-in.
const MAIN: &str = "main";

/// Where compiled code is kept, so that a plug-in is compiled once on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CompilationCache {
    /// In `$PLUGWRIGHT_CACHE_DIR`, else `plugwright/compiled` in the user's cache folder; and in the memory of the process as well,
    /// at most 64 modules and 64 MiB, those that were used last.
    #[default]
    Default,
    /// In this folder.
    Folder(PathBuf),
    /// Nowhere.
    Off,
}

impl CompilationCache {
    /// The folder of [`Default`](Self::Default); `None` where the environment names none.
    pub fn default_folder() -> Option<PathBuf> {
        Cache::default_dir()
    }

    fn open(self) -> Option<Cache> {
        match self {
            Self::Default => Cache::default_dir().map(Cache::open),
            Self::Folder(folder) => Some(Cache::open(folder)),
            Self::Off => None,
        }
    }
}

/// Describes a plug-in before it is built. Nothing is read and nothing can fail until [`build`](Self::build) or
/// [`compile`](Self::compile).
///
/// What is set here comes before what a manifest says; config keys, allowed hosts and allowed paths are added to the
/// manifest's.
#[derive(Clone)]
#[must_use = "a plug-in exists only after `build` or `compile`"]
pub struct PluginBuilder {
    source: PluginSource,
    name: Option<String>,
    linked: Vec<(String, PluginSource)>,
    overrides: Overrides,
    wasi: Option<bool>,
    system: WasiSettings,
    max_log_bytes: u64,
    max_output_bytes: Option<u64>,
    fuel: Option<u64>,
    http_response_headers: bool,
    functions: Vec<HostFunction>,
    tailor: Option<Arc<Tailor>>,
    log: LogSink,
    cancel_when: Option<CancelWhen>,
    cache: CompilationCache,
    engine: EngineKey,
    rewrite: bool,
    pooling: bool,
    post_mortem: PostMortemSettings,
    snapshot: Option<Snapshot>,
}

/// What modules are loaded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To be run with these settings and host functions.
    Plugin,
    /// To be run by whoever loads the code, with settings and host functions that are not known yet. WASI counts as on
    /// unless it was turned off.
    Code,
}

/// What comes before the manifest.
#[derive(Debug, Clone, Default)]
struct Overrides {
    config: Vec<(String, String)>,
    hosts: Vec<String>,
    paths: Vec<(String, PathBuf)>,
    timeout: Option<Duration>,
    max_pages: Option<u32>,
    max_var_bytes: Option<u64>,
    max_http_response_bytes: Option<u64>,
}

impl PluginBuilder {
    /// A plug-in from this source, with the strictest settings.
    pub fn new(source: impl Into<PluginSource>) -> Self {
        Self {
            source: source.into(),
            name: None,
            linked: Vec::new(),
            overrides: Overrides::default(),
            wasi: None,
            system: WasiSettings::default(),
            max_log_bytes: DEFAULT_MAX_LOG_BYTES,
            max_output_bytes: None,
            fuel: None,
            http_response_headers: false,
            functions: Vec::new(),
            tailor: None,
            log: LogSink::default(),
            cancel_when: None,
            cache: CompilationCache::default(),
            engine: EngineKey::default(),
            rewrite: true,
            pooling: true,
            post_mortem: PostMortemSettings::default(),
            snapshot: None,
        }
    }

    /// Names the plug-in in errors and logs. Its file's name by default, else `main`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Links a further module, which the plug-in imports from under this name.
    pub fn link(mut self, name: impl Into<String>, source: impl Into<PluginSource>) -> Self {
        self.linked.push((name.into(), source.into()));
        self
    }

    /// Offers WASI preview 1. Off by default. Turning it on grants clocks and random numbers, nothing else.
    pub fn wasi(mut self, on: bool) -> Self {
        self.wasi = Some(on);
        self
    }

    /// Sets an environment variable that a WASI plug-in sees. None by default.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.system.env.push((name.into(), value.into()));
        self
    }

    /// Adds an argument that a WASI plug-in sees; the first one is customarily the program's name. None by default.
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.system.args.push(arg.into());
        self
    }

    /// Gives a WASI plug-in these bytes as standard input. It is empty by default.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.system.stdin = Stdin::Bytes(Arc::from(bytes.into()));
        self
    }

    /// Gives a WASI plug-in the host's standard input.
    pub fn inherit_stdin(mut self) -> Self {
        self.system.stdin = Stdin::Inherit;
        self
    }

    /// Says where a WASI plug-in's standard output goes. Nowhere by default.
    pub fn stdout(mut self, to: Stdio) -> Self {
        self.system.stdout = to;
        self
    }

    /// Says where a WASI plug-in's standard error goes. Nowhere by default.
    pub fn stderr(mut self, to: Stdio) -> Self {
        self.system.stderr = to;
        self
    }

    /// Sets a value of the config that the plug-in reads.
    pub fn config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.config.push((key.into(), value.into()));
        self
    }

    /// Lets the plug-in send HTTP requests to hosts whose name matches this glob. None by default.
    pub fn allow_host(mut self, pattern: impl Into<String>) -> Self {
        self.overrides.hosts.push(pattern.into());
        self
    }

    /// Shows a folder of the host to a WASI plug-in under the path `guest`. The prefix `ro:` makes it read-only. None by
    /// default.
    pub fn allow_path(mut self, host: impl Into<String>, guest: impl Into<PathBuf>) -> Self {
        self.overrides.paths.push((host.into(), guest.into()));
        self
    }

    /// Ends each call after this time, with everything that runs guest code for it: start functions as well. No limit by
    /// default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.overrides.timeout = Some(timeout);
        self
    }

    /// Ends each call after this much work, roughly one unit for each WebAssembly instruction. No limit by default.
    /// Counting costs time.
    pub fn fuel(mut self, units: u64) -> Self {
        self.fuel = Some(units);
        self.engine.fuel = true;
        self
    }

    /// Limits the plug-in's memory to this many pages of 64 KiB, over all its memories. 65 536 by default, which is 4 GiB.
    pub fn memory_max_pages(mut self, pages: u32) -> Self {
        self.overrides.max_pages = Some(pages);
        self
    }

    /// Limits the bytes of the plug-in's variables, keys and values together. 1 MiB by default; 0 turns them off.
    pub fn max_var_bytes(mut self, bytes: u64) -> Self {
        self.overrides.max_var_bytes = Some(bytes);
        self
    }

    /// Limits the body of a response to one of the plug-in's HTTP requests. 50 MiB by default.
    pub fn max_http_response_bytes(mut self, bytes: u64) -> Self {
        self.overrides.max_http_response_bytes = Some(bytes);
        self
    }

    /// Limits what the plug-in may log in a call. 1 MiB by default; what is more is dropped, and a line says so.
    pub fn max_log_bytes(mut self, bytes: u64) -> Self {
        self.max_log_bytes = bytes;
        self
    }

    /// Limits the output of a call. No limit by default, other than that of memory.
    pub fn max_output_bytes(mut self, bytes: u64) -> Self {
        self.max_output_bytes = Some(bytes);
        self
    }

    /// Shows the plug-in the headers of responses to its HTTP requests. Off by default.
    pub fn http_response_headers(mut self, shown: bool) -> Self {
        self.http_response_headers = shown;
        self
    }

    /// Lends the plug-in a host function, see [`HostFunction::new`].
    pub fn host_fn<M>(self, name: impl Into<String>, function: impl IntoHostFunction<M>) -> Self {
        self.host_function(HostFunction::new(name, function))
    }

    /// Lends the plug-in an async host function, see [`HostFunction::new_async`].
    pub fn host_fn_async<M>(self, name: impl Into<String>, function: impl IntoAsyncHostFunction<M>) -> Self {
        self.host_function(HostFunction::new_async(name, function))
    }

    /// Lends the plug-in a host function.
    pub fn host_function(mut self, function: HostFunction) -> Self {
        self.functions.push(function);
        self
    }

    /// Lends the plug-in host functions.
    pub fn host_functions(mut self, functions: impl IntoIterator<Item = HostFunction>) -> Self {
        self.functions.extend(functions);
        self
    }

    /// Lends the functions of a [`Capability`]: a key-value store, a database, a message broker.
    pub fn with(self, capability: impl Capability) -> Self {
        self.host_functions(capability.host_functions())
    }

    /// Asks for a host function for each function that the plug-in's modules import, while it is compiled: for hosts whose own functions
    /// have no types, such as those in a scripting language, so that the types are the import's.
    ///
    /// `make` returns `None` for what is not the host's to provide: the contract, WASI, other modules of the plug-in. What it returns
    /// should be [in the module](HostFunction::in_module) of the import. It is asked before imports are checked, and before any guest
    /// code runs.
    pub fn host_functions_for(
        mut self,
        make: impl Fn(&FunctionImport) -> Option<HostFunction> + Send + Sync + 'static,
    ) -> Self {
        self.tailor = Some(Arc::new(make));
        self
    }

    /// Passes what the plug-in logs to this callback instead of `tracing`.
    pub fn on_log(mut self, callback: impl Fn(&LogRecord<'_>) + Send + Sync + 'static) -> Self {
        self.log.callback = Some(Arc::new(callback));
        self
    }

    /// Drops messages of the plug-in that are less severe than this. Everything is passed on by default.
    pub fn log_level(mut self, least: LogLevel) -> Self {
        self.log.level = Some(least);
        self
    }

    /// Asks this about every 10 ms during each call, on the thread that runs it then, and cancels the call on `true`.
    ///
    /// It is for hosts that learn in no other way than by asking that a call is no longer wanted, such as interpreters whose
    /// signals wait for the thread that is in the call. Whoever is told uses a [`CancelHandle`](crate::CancelHandle). It
    /// should return fast. A host function that occupies the thread is not interrupted by it.
    pub fn cancel_when(mut self, unwanted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.cancel_when = Some(Arc::new(unwanted));
        self
    }

    /// Says where compiled code is kept.
    pub fn cache(mut self, cache: CompilationCache) -> Self {
        self.cache = cache;
        self
    }

    /// Drops everything that the plug-in logs, and tells it that nobody listens.
    pub fn log_off(mut self) -> Self {
        self.log.off = true;
        self
    }

    /// Offers WebAssembly GC and exceptions to the plug-in. Off by default: a collection of garbage is not interrupted, so a
    /// deadline may pass by seconds if the plug-in has gigabytes of objects. Limit its memory too.
    pub fn garbage_collection(mut self, on: bool) -> Self {
        self.engine.gc = on;
        self
    }

    /// Trades speed for address space: for processes with many thousands of live plug-ins.
    ///
    /// An instance then takes the memory that it uses, where it otherwise reserves 8 GiB of address space; guests check
    /// the bounds of each memory access in code. Off by default: when 5000 instances live in a process, further ones of a plug-in of
    /// one module of at most 1 MiB do so by themselves, which compiles the module once more.
    pub fn compact_memory(mut self, on: bool) -> Self {
        self.engine.compact = on;
        self
    }

    /// Whether a plug-in of one module is rewritten before it is compiled, so that it reaches the memory that it shares with
    /// the host by instructions, and its instances can be pooled. On by default. A plug-in behaves the same either way but for
    /// speed, the fuel that it consumes, and at most 256 KiB behind its own memory, which it may touch before it asks for them
    /// where the original would trap; turn it off to compare.
    pub fn rewrite(mut self, on: bool) -> Self {
        self.rewrite = on;
        self
    }

    /// Whether instances get their memory from a pool of the process, which makes them several times faster. On by default, for
    /// plug-ins of one module that are [rewritten](Self::rewrite).
    ///
    /// The pool reserves 8 TiB of address space, though no memory, and takes some milliseconds to set up with the first plug-in:
    /// turn it off where one instance is all there will be.
    pub fn pooling(mut self, on: bool) -> Self {
        self.pooling = on;
        self
    }

    /// Lets a profiler see the plug-in's functions by name.
    pub fn profiler(mut self, profiler: Profiler) -> Self {
        self.engine.profiler = profiler;
        self
    }

    /// Keeps a core dump of an instance that traps, for [`Plugin::post_mortem`]. Off by default.
    pub fn keep_coredump(mut self, on: bool) -> Self {
        self.engine.coredump = on;
        self.post_mortem.coredump = on;
        self
    }

    /// Keeps the linear memory of an instance that fails, for [`Plugin::post_mortem`]. Off by default.
    pub fn keep_memory(mut self, on: bool) -> Self {
        self.post_mortem.memory = on;
        self
    }

    /// Runs the plug-in's start-up once, now, instead of in every instance: see [`Snapshot`]. Off by default.
    pub fn snapshot(mut self, snapshot: Snapshot) -> Self {
        self.snapshot = Some(snapshot);
        self
    }

    /// Loads, checks, and compiles the plug-in and makes an instance of it.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile).
    pub fn build(self) -> Result<Plugin> {
        self.compile()?.instantiate()
    }

    /// Loads, checks and compiles the plug-in. This blocks the thread: for files, downloads, and the compiler.
    ///
    /// # Errors
    ///
    /// - `Load`, `HashMismatch`: the code, a linked module or an allowed folder cannot be had, or is another one;
    /// - `InvalidManifest`: a setting is not valid;
    /// - `Compile`, `Incompatible`: it is not WebAssembly that can be run, or was compiled elsewhere;
    /// - `Link`: imports that nothing provides;
    /// - `OutOfMemory`: it needs more memory from the start than it may have;
    /// - `Snapshot`, if one was asked for: it cannot be made. Then start-up may also end as a call may: `Timeout`, `Trap`,
    ///   `OutOfMemory`, `Exit`.
    pub fn compile(self) -> Result<CompiledPlugin> {
        let mut named = self.name.clone();
        let result = self.compile_as(&mut named);
        result.map_err(|error| match named {
            Some(name) => error.with_plugin(&name),
            None => error,
        })
    }

    /// Loads and compiles the plug-in and returns its compiled code, for [`PluginSource::trusted_compiled_code`].
    ///
    /// Unlike [`compile`](Self::compile) it does not ask who will provide the imports: whoever loads the code does.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile), except `Link` and `OutOfMemory`.
    pub fn precompile(mut self) -> Result<Vec<u8>> {
        let mut named = self.name.clone();
        let result = self
            .load_code(&mut named, Purpose::Code)
            .and_then(|(code, _)| serialize(named.as_deref().unwrap_or(MAIN), code.modules()));
        result.map_err(|error| match named {
            Some(name) => error.with_plugin(&name),
            None => error,
        })
    }
}
