//! The WebAssembly engines: one in the process for each configuration, shared by all plug-ins.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use wasmtime::{Config, Engine, Linker, ProfilingStrategy, WasmBacktraceDetails};

use crate::error::{Error, ErrorKind, Result};
use crate::pooling::{self, Places};
use crate::stack;
use crate::state::State;
use crate::ticker;

/// Tells an external profiler where compiled code lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Profiler {
    /// No support for profilers.
    #[default]
    Off,
    /// Writes `/tmp/perf-<pid>.map` for `perf` (Linux).
    PerfMap,
    /// Writes a `jit-<pid>.dump` file for `perf inject` (Linux).
    JitDump,
}

/// What distinguishes one engine from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct EngineKey {
    /// Counts fuel.
    pub(crate) fuel: bool,
    /// Offers WebAssembly GC and exceptions.
    pub(crate) gc: bool,
    /// Spends explicit bounds checks to save address space.
    pub(crate) compact: bool,
    /// Captures a core dump at a trap.
    pub(crate) coredump: bool,
    pub(crate) profiler: Profiler,
}

/// How host functions that may wait do so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Flavor {
    /// On the calling thread. A call is a plain function call.
    Blocking,
    /// By suspending the guest. A call runs on a stack of its own.
    Async,
}

type SharedLinker = Arc<Linker<State>>;

/// An engine with the linkers that hold the contract's functions.
pub(crate) struct SharedEngine {
    engine: Engine,
    key: EngineKey,
    /// Of an engine that pools its instances.
    places: Option<Places>,
    /// By flavor, and by whether WASI is in it.
    linkers: Mutex<HashMap<(Flavor, bool), SharedLinker>>,
}

/// What is known of a configuration.
#[derive(Default)]
struct Engines {
    on_demand: Option<Arc<SharedEngine>>,
    /// `Some(None)` when the system refused a pool.
    pooled: Option<Option<Arc<SharedEngine>>>,
}

static ENGINES: LazyLock<Mutex<HashMap<EngineKey, Engines>>> = LazyLock::new(Mutex::default);

impl SharedEngine {
    /// The process-wide engine for `key`, whose instances each reserve memory of their own.
    ///
    /// # Errors
    ///
    /// When the engine cannot start here.
    pub(crate) fn get(key: EngineKey) -> Result<Arc<Self>> {
        let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
        let engines = engines.entry(key).or_default();
        match &engines.on_demand {
            Some(engine) => Ok(engine.clone()),
            None => {
                let engine = Self::start(key, None)?;
                Ok(engines.on_demand.insert(engine).clone())
            }
        }
    }

    /// The process-wide engine for `key` that pools its instances; `None` when there is none for this configuration, or
    /// not enough address space here.
    pub(crate) fn pooled(key: EngineKey) -> Option<Arc<Self>> {
        // Collected objects would need a pool of heaps; a compact layout is for more instances than a pool holds.
        if key.gc || key.compact {
            return None;
        }
        let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
        let pooled = &mut engines.entry(key).or_default().pooled;
        let pooled = pooled.get_or_insert_with(|| match Self::start(key, Some(Places::of_pool())) {
            Ok(engine) => Some(engine),
            Err(error) => {
                tracing::debug!(%error, "instances are not pooled");
                None
            }
        });
        pooled.clone()
    }

    fn start(key: EngineKey, places: Option<Places>) -> Result<Arc<Self>> {
        let refused = |error: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Compile, format!("the WebAssembly engine cannot start here: {error}"))
        };
        let mut config = config(key);
        if places.is_some() {
            config.allocation_strategy(pooling::strategy());
        }
        let engine = Engine::new(&config).map_err(|error| refused(&error))?;
        ticker::register(&engine).map_err(|error| refused(&error))?;
        Ok(Arc::new(Self { engine, key, places, linkers: Mutex::default() }))
    }

    /// The places of its pool, if it has one.
    pub(crate) fn places(&self) -> Option<&Places> {
        self.places.as_ref()
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn key(&self) -> EngineKey {
        self.key
    }

    /// A linker with the contract's functions, and WASI's when `wasi` is set, to add host functions to.
    pub(crate) fn linker(&self, flavor: Flavor, wasi: bool) -> Result<Linker<State>> {
        let mut linkers = self.linkers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(linker) = linkers.get(&(flavor, wasi)) {
            return Ok(Linker::clone(linker));
        }
        let mut linker = Linker::new(&self.engine);
        crate::contract::add_to_linker(&mut linker, flavor)
            .and_then(|()| if wasi { crate::wasi::add_to_linker(&mut linker, flavor) } else { Ok(()) })
            .map_err(|error| {
                Error::new(ErrorKind::Compile, format!("cannot define host functions: {error}"))
            })?;
        linkers.insert((flavor, wasi), Arc::new(linker.clone()));
        Ok(linker)
    }
}

fn config(key: EngineKey) -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.max_wasm_stack(stack::GUEST);
    config.consume_fuel(key.fuel);
    config.wasm_gc(key.gc);
    config.wasm_exceptions(key.gc);
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    config.coredump_on_trap(key.coredump);
    config.profiler(match key.profiler {
        Profiler::Off => ProfilingStrategy::None,
        Profiler::PerfMap => ProfilingStrategy::PerfMap,
        Profiler::JitDump => ProfilingStrategy::JitDump,
    });
    if key.compact {
        // Together these make the engine take guests' memory from the heap, without guard pages.
        config.memory_reservation(0);
        config.memory_reservation_for_growth(0);
        config.memory_guard_size(0);
        config.guard_before_linear_memory(false);
        config.memory_init_cow(false);
        config.signals_based_traps(false);
    }
    config
}
