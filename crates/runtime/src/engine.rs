//! The WebAssembly engines: one in the process for each configuration, shared by all plug-ins.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use wasmtime::{Config, Engine, Linker, ProfilingStrategy, WasmBacktraceDetails};

use crate::error::{Error, ErrorKind, Result};
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
    /// By flavor, and by whether WASI is in it.
    linkers: Mutex<HashMap<(Flavor, bool), SharedLinker>>,
}

impl SharedEngine {
    /// The process-wide engine for `key`.
    pub(crate) fn get(key: EngineKey) -> Result<Arc<Self>> {
        static ENGINES: OnceLock<Mutex<HashMap<EngineKey, Arc<SharedEngine>>>> = OnceLock::new();
        let engines = ENGINES.get_or_init(Mutex::default);
        let mut engines = engines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get(&key) {
            return Ok(engine.clone());
        }
        let refused = |error: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Compile, format!("the WebAssembly engine cannot start here: {error}"))
        };
        let engine = Engine::new(&config(key)).map_err(|error| refused(&error))?;
        ticker::register(&engine).map_err(|error| refused(&error))?;
        let shared = Arc::new(Self { engine, key, linkers: Mutex::default() });
        engines.insert(key, shared.clone());
        Ok(shared)
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
