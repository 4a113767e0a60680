//! Compiled plug-ins: code and settings, shared by all instances.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use uuid::Uuid;
use wasmtime::{InstancePre, Linker, Module, Store};

use crate::cache::{Cache, Key};
use crate::container::{CompiledModule, Container};
use crate::engine::{Flavor, SharedEngine};
use crate::error::{Error, ErrorKind, Result};
use crate::exports::{Export, Exports};
use crate::host_function::HostFunction;
use crate::interrupt::CancelHandle;
use crate::needs::InitialNeeds;
use crate::plugin::Plugin;
use crate::settings::Settings;
use crate::state::{CallState, Session, State};
use crate::vars::Vars;
use crate::wasi::Capture;
use crate::{MAX_TABLE_ELEMENTS, WASM_PAGE_BYTES, link, sys};

/// The code of a plug-in, compiled, with its settings and host functions.
///
/// It is compiled once and may then be instantiated any number of times, from any thread. Clones share everything.
#[derive(Clone)]
pub struct CompiledPlugin(Arc<Compiled>);

/// A module with the name that others import it by.
pub(crate) struct NamedModule {
    pub(crate) name: String,
    pub(crate) module: Module,
    /// What it needs from the start.
    pub(crate) needs: InitialNeeds,
}

/// How instances are made.
pub(crate) enum Prepared {
    /// Of one module, whose imports are resolved already.
    Single(InstancePre<State>),
    /// Of several, which are linked in each store.
    Linked(Linker<State>),
}

pub(crate) struct Compiled {
    engine: Arc<SharedEngine>,
    settings: Arc<Settings>,
    /// In the order of linking; the last one is the main module.
    modules: Vec<NamedModule>,
    exports: Exports,
    functions: Vec<HostFunction>,
    blocking: OnceLock<Prepared>,
    asynchronous: OnceLock<Prepared>,
}

impl CompiledPlugin {
    pub(crate) fn new(
        engine: Arc<SharedEngine>,
        settings: Settings,
        modules: Vec<NamedModule>,
        functions: Vec<HostFunction>,
    ) -> Result<Self> {
        let Some(main) = modules.last() else {
            return Err(Error::new(ErrorKind::InvalidManifest, "the plug-in has no WebAssembly module"));
        };
        let compiled = Compiled {
            exports: Exports::of(&main.module),
            engine,
            settings: Arc::new(settings),
            modules,
            functions,
            blocking: OnceLock::new(),
            asynchronous: OnceLock::new(),
        };
        compiled.check_needs()?;
        compiled.check_folders()?;
        compiled.check_imports()?;
        Ok(Self(Arc::new(compiled)))
    }

    /// A new instance, with variables of its own. It takes its memory at the first call.
    ///
    /// # Errors
    ///
    /// None today; instances of plug-ins that reserve resources early may fail.
    pub fn instantiate(&self) -> Result<Plugin> {
        Ok(Plugin::new(self.0.clone()))
    }

    /// The plug-in's name: the one it was built with, or its file's.
    pub fn name(&self) -> &str {
        &self.0.settings.name
    }

    /// The functions that the plug-in exports.
    pub fn exports(&self) -> &[Export] {
        self.0.exports.all()
    }

    /// Whether the plug-in exports a function of this name that can be called.
    pub fn function_exists(&self, name: &str) -> bool {
        self.0.exports.find(name).is_ok()
    }

    /// The compiled code, for [`PluginSource::trusted_compiled_code`](crate::PluginSource::trusted_compiled_code).
    ///
    /// It runs on this version of the library, on processors with this one's features. Settings and host functions are
    /// not part of it.
    ///
    /// # Errors
    ///
    /// `Encode` when the engine cannot give its code out.
    pub fn serialize(&self) -> Result<Vec<u8>> {
        serialize(&self.0.settings.name, &self.0.modules)
    }
}

impl std::fmt::Debug for CompiledPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompiledPlugin").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl Compiled {
    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    pub(crate) fn engine(&self) -> &SharedEngine {
        &self.engine
    }

    pub(crate) fn exports(&self) -> &Exports {
        &self.exports
    }

    pub(crate) fn modules(&self) -> &[NamedModule] {
        &self.modules
    }

    /// A session without variables, for a new plug-in.
    pub(crate) fn new_session(&self) -> Session {
        Session {
            id: Uuid::new_v4(),
            config: self.settings.config.clone(),
            vars: Vars::new(self.settings.max_var_bytes),
            captured: Capture::default(),
        }
    }

    /// How to make instances whose host functions wait in this way.
    pub(crate) fn prepared(&self, flavor: Flavor) -> Result<&Prepared> {
        let cell = match flavor {
            Flavor::Blocking => &self.blocking,
            Flavor::Async => &self.asynchronous,
        };
        if let Some(prepared) = cell.get() {
            return Ok(prepared);
        }
        let linker = self.linker(flavor)?;
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

    fn linker(&self, flavor: Flavor) -> Result<Linker<State>> {
        link::linker(&self.engine, &self.functions, flavor, self.settings.wasi.is_some())
    }

    /// Refuses modules that need more from the start than the plug-in may have.
    fn check_needs(&self) -> Result<()> {
        let bytes = self.modules.iter().fold(0u64, |sum, named| sum.saturating_add(named.needs.memory_bytes));
        let limit = self.settings.max_memory_bytes;
        if bytes > limit {
            let message = format!(
                "needs {} pages of memory from the start, but `memory.max_pages` allows {}; raise it to run this plug-in",
                bytes / WASM_PAGE_BYTES,
                limit / WASM_PAGE_BYTES
            );
            return Err(Error::new(ErrorKind::OutOfMemory, message));
        }
        let elements =
            self.modules.iter().fold(0u64, |sum, named| sum.saturating_add(named.needs.table_elements));
        if elements > MAX_TABLE_ELEMENTS as u64 {
            let message =
                format!("needs tables of {elements} elements, but at most {MAX_TABLE_ELEMENTS} are allowed");
            return Err(Error::new(ErrorKind::OutOfMemory, message));
        }
        Ok(())
    }

    /// Refuses folders that cannot be opened, before the first call meets them.
    fn check_folders(&self) -> Result<()> {
        match &self.settings.wasi {
            Some(wasi) => wasi.context(&Capture::default()).map(drop),
            None => Ok(()),
        }
    }

    fn check_imports(&self) -> Result<()> {
        let needs_nothing = self.modules.iter().all(|named| named.module.imports().len() == 0);
        if needs_nothing && self.functions.is_empty() {
            return Ok(());
        }
        let linker = self.linker(Flavor::Blocking)?;
        let call = CallState::new(CancelHandle::default());
        let mut store = Store::new(
            self.engine.engine(),
            State::new(self.settings.clone(), self.new_session(), call, None),
        );
        link::check(&linker, &mut store, &self.modules, self.settings.wasi.is_some())
    }
}

/// Compiles a WebAssembly binary, or finds it compiled in the cache.
///
/// # Errors
///
/// `Compile` when the binary is not valid.
pub(crate) fn compile(
    engine: &SharedEngine,
    cache: Option<&Cache>,
    name: String,
    wasm: &[u8],
) -> Result<NamedModule> {
    let module = compile_module(engine, cache, wasm)?;
    Ok(NamedModule { name, module, needs: InitialNeeds::of(wasm) })
}

fn compile_module(engine: &SharedEngine, cache: Option<&Cache>, wasm: &[u8]) -> Result<Module> {
    let key = cache.map(|_| Key::new(wasm, &configuration(engine)));
    if let (Some(cache), Some(key)) = (cache, &key)
        && let Some(code) = cache.get(key)
    {
        // The cache returns only what this user's secret authenticates, and only `put` below makes that.
        match sys::deserialize_trusted(engine.engine(), &code) {
            Ok(module) => return Ok(module),
            Err(error) => tracing::debug!(%error, "cached code does not fit; compiling again"),
        }
    }
    let module = Module::new(engine.engine(), wasm).map_err(|error| {
        let reason = format!("{error:#}");
        let reason = reason.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        Error::new(ErrorKind::Compile, format!("is not a WebAssembly module that can be run: {reason}"))
    })?;
    if let (Some(cache), Some(key)) = (cache, &key) {
        match module.serialize() {
            Ok(code) => cache.put(key, &code),
            Err(error) => tracing::debug!(%error, "cannot cache compiled code"),
        }
    }
    Ok(module)
}

/// Compiled modules as one file.
pub(crate) fn serialize(plugin: &str, modules: &[NamedModule]) -> Result<Vec<u8>> {
    let modules = modules.iter().map(|NamedModule { name, module, needs }| {
        let code = module.serialize().map_err(|error| Error::new(ErrorKind::Encode, error.to_string()))?;
        Ok(CompiledModule { name: name.clone(), needs: *needs, code })
    });
    Container { plugin: plugin.to_owned(), modules: modules.collect::<Result<_>>()? }.to_bytes()
}

/// Loads the modules of a compiled plug-in that the caller trusts like a program.
pub(crate) fn load_trusted(engine: &SharedEngine, bytes: &[u8]) -> Result<(String, Vec<NamedModule>)> {
    let container = Container::from_bytes(bytes)?;
    let load = |CompiledModule { name, needs, code }| {
        let module = sys::deserialize_trusted(engine.engine(), &code).map_err(|error| {
            let message =
                format!("this code was compiled for another version, configuration or machine: {error}");
            Error::new(ErrorKind::Incompatible, message)
        })?;
        Ok(NamedModule { name, module, needs })
    };
    Ok((container.plugin, container.modules.into_iter().map(load).collect::<Result<_>>()?))
}

/// What compiled code depends on besides its source.
fn configuration(engine: &SharedEngine) -> [u8; 32] {
    struct Digest(blake3::Hasher);
    impl Hasher for Digest {
        fn finish(&self) -> u64 {
            0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
    }
    let mut digest = Digest(blake3::Hasher::new());
    engine.engine().precompile_compatibility_hash().hash(&mut digest);
    // Code of engines with another profiler is the same, but is registered elsewhere.
    engine.key().hash(&mut digest);
    digest.0.finalize().into()
}
