//! The compiled modules of a plug-in in one engine, ready to be instantiated.

use std::sync::{Arc, OnceLock};

use wasmtime::{InstancePre, Linker};

use crate::compilation::NamedModule;
use crate::engine::{Flavor, SharedEngine};
use crate::error::{Error, ErrorKind, Result};
use crate::exports::Exports;
use crate::host_function::HostFunction;
use crate::link;
use crate::reserve;
use crate::rewritten::KernelExports;
use crate::source_map::SourceMap;
use crate::start_up::StartUp;
use crate::state::State;

/// How instances are made.
pub(crate) enum Prepared {
    /// Of one module, whose imports are resolved already.
    Single(InstancePre<State>),
    /// Of several, which are linked in each store.
    Linked(Linker<State>),
}

/// Compiled modules with what is resolved once for all their instances.
pub(crate) struct Code {
    engine: Arc<SharedEngine>,
    /// In the order of linking; the last one is the main module.
    modules: Vec<NamedModule>,
    /// Of the modules, in their order.
    start_ups: Vec<StartUp>,
    exports: Exports,
    /// What a rewritten module exports for the host.
    kernel: Option<KernelExports>,
    blocking: OnceLock<Prepared>,
    asynchronous: OnceLock<Prepared>,
}

impl Code {
    /// # Errors
    ///
    /// `InvalidManifest` when there is no module, `Incompatible` when it was not rewritten by this version.
    pub(crate) fn new(engine: Arc<SharedEngine>, modules: Vec<NamedModule>) -> Result<Self> {
        let Some(main) = modules.last() else {
            return Err(Error::new(ErrorKind::InvalidManifest, "the plug-in has no WebAssembly module"));
        };
        let kernel = match &main.rewrite {
            Some(rewrite) => Some(KernelExports::of(&main.module, rewrite)?),
            None => None,
        };
        let start_ups: Vec<StartUp> = modules.iter().map(|named| StartUp::of(&named.module)).collect();
        Ok(Self {
            exports: Exports::of(&main.module, start_ups.last()),
            start_ups,
            kernel,
            engine,
            modules,
            blocking: OnceLock::new(),
            asynchronous: OnceLock::new(),
        })
    }

    pub(crate) fn engine(&self) -> &Arc<SharedEngine> {
        &self.engine
    }

    pub(crate) fn modules(&self) -> &[NamedModule] {
        &self.modules
    }

    /// The modules with what each must run before it is used.
    pub(crate) fn start_ups(&self) -> impl DoubleEndedIterator<Item = (&NamedModule, &StartUp)> {
        self.modules.iter().zip(&self.start_ups)
    }

    /// The map from the main module's rewritten code to the original.
    pub(crate) fn source_map(&self) -> Option<&SourceMap> {
        Some(&self.modules.last()?.rewrite.as_ref()?.source_map)
    }

    /// The main module's.
    pub(crate) fn exports(&self) -> &Exports {
        &self.exports
    }

    pub(crate) fn kernel(&self) -> Option<&KernelExports> {
        self.kernel.as_ref()
    }

    /// What an instance has in reserve if it must not count: in a plug-in that may have so little memory that it was to be compiled
    /// without a reserve, and was not, being compiled elsewhere.
    pub(crate) fn uncounted_bytes(&self, max_memory_bytes: u64) -> u64 {
        let needs = self.modules.last().map(|main| main.needs).unwrap_or_default();
        if reserve::fits(needs, max_memory_bytes) {
            return 0;
        }
        self.kernel.as_ref().map_or(0, KernelExports::reserve_bytes)
    }

    /// How to make instances whose host functions wait in this way.
    pub(crate) fn prepared(
        &self,
        functions: &[HostFunction],
        flavor: Flavor,
        wasi: bool,
    ) -> Result<&Prepared> {
        let cell = match flavor {
            Flavor::Blocking => &self.blocking,
            Flavor::Async => &self.asynchronous,
        };
        if let Some(prepared) = cell.get() {
            return Ok(prepared);
        }
        let linker = link::linker(&self.engine, functions, flavor, wasi)?;
        let prepared = match &*self.modules {
            [NamedModule { module, .. }] => {
                Prepared::Single(linker.instantiate_pre(module).map_err(|error| {
                    Error::new(
                        ErrorKind::Link { missing: Vec::new() },
                        format!("cannot be linked: {error:#}"),
                    )
                })?)
            }
            _ => Prepared::Linked(linker),
        };
        Ok(cell.get_or_init(|| prepared))
    }
}
