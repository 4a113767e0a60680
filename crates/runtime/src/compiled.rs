//! Compiled plug-ins: code and settings, shared by all instances.

use std::sync::{Arc, OnceLock};

use uuid::Uuid;
use wasmtime::Store;

use crate::code::{Code, Prepared};
use crate::compilation::{NamedModule, serialize};
use crate::contract;
use crate::engine::{Flavor, SharedEngine};
use crate::error::{Error, ErrorKind, Result};
use crate::exports::{Export, Exports};
use crate::fork;
use crate::host_function::HostFunction;
use crate::interrupt::CancelHandle;
use crate::plugin::Plugin;
use crate::pooling::{Place, Places};
use crate::settings::Settings;
use crate::state::{CallState, Session, State};
use crate::vars::Vars;
use crate::wasi::Capture;
use crate::{MAX_TABLE_ELEMENTS, WASM_PAGE_BYTES, link};

/// The code of a plug-in, compiled, with its settings and host functions.
///
/// It is compiled once and may then be instantiated any number of times, from any thread. Clones share everything.
#[derive(Clone)]
pub struct CompiledPlugin(Arc<Compiled>);

pub(crate) struct Compiled {
    settings: Arc<Settings>,
    functions: Vec<HostFunction>,
    code: Arc<Code>,
    /// The code outside of the pool, for the instances that find no place in it.
    outside: OnceLock<Arc<Code>>,
    /// Code that reserves no address space, for still more instances; `None` inside when it cannot be made.
    compact: OnceLock<Option<Arc<Code>>>,
    may_wait: bool,
}

impl CompiledPlugin {
    pub(crate) fn new(code: Code, settings: Settings, functions: Vec<HostFunction>) -> Result<Self> {
        let may_wait = !functions.is_empty() || may_wait(code.modules());
        let compiled = Compiled {
            may_wait,
            settings: Arc::new(settings),
            functions,
            code: Arc::new(code),
            outside: OnceLock::new(),
            compact: OnceLock::new(),
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
        self.0.exports().all()
    }

    /// Whether the plug-in exports a function of this name that can be called.
    pub fn function_exists(&self, name: &str) -> bool {
        self.0.exports().find(name).is_ok()
    }

    /// Whether calls may have to wait: for a host function, HTTP, or WASI. If not, all that a call does is to compute.
    pub fn may_wait(&self) -> bool {
        self.0.may_wait()
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
        serialize(&self.0.settings.name, self.0.code.modules())
    }
}

impl std::fmt::Debug for CompiledPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompiledPlugin").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl Compiled {
    /// Whether the plug-in imports what may wait: functions of the host's, HTTP, or WASI.
    pub(crate) fn may_wait(&self) -> bool {
        self.may_wait
    }

    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// What the main module exports. Entry points have the same indices in all code of the plug-in.
    pub(crate) fn exports(&self) -> &Exports {
        self.code.exports()
    }

    /// The code for a new instance: that of the pool if there is a place in it, else that which reserves address space, and
    /// when many such instances live, that which does not.
    ///
    /// # Errors
    ///
    /// `Encode` or `Incompatible` when the engine cannot use its code outside of the pool.
    pub(crate) fn place(&self) -> Result<(Arc<Code>, Option<Place>)> {
        let engine = self.code.engine();
        if let Some(place) = engine.places().and_then(Places::take) {
            return Ok((self.code.clone(), Some(place)));
        }
        if engine.key().compact {
            return Ok((self.code.clone(), None));
        }
        if let Some(place) = Places::outside().take() {
            return Ok((self.outside()?, Some(place)));
        }
        match self.compact.get_or_init(|| self.make_compact()) {
            Some(code) => Ok((code.clone(), None)),
            None => Ok((self.outside()?, None)),
        }
    }

    /// The code for instances outside of the pool.
    fn outside(&self) -> Result<Arc<Code>> {
        let engine = self.code.engine();
        if engine.places().is_none() {
            return Ok(self.code.clone());
        }
        if let Some(code) = self.outside.get() {
            return Ok(code.clone());
        }
        let engine = SharedEngine::get(engine.key())?;
        let modules = self.code.modules().iter().map(|module| module.in_engine(&engine));
        let code = Arc::new(Code::new(engine.clone(), modules.collect::<Result<_>>()?)?);
        Ok(self.outside.get_or_init(|| code).clone())
    }

    fn make_compact(&self) -> Option<Arc<Code>> {
        let [module] = self.code.modules() else { return None };
        let made = module.compact(self.code.engine().key()).and_then(|made| match made {
            Some((engine, module)) => Code::new(engine, vec![module]).map(Some),
            None => Ok(None),
        });
        match made {
            Ok(code) => code.map(Arc::new),
            Err(error) => {
                tracing::debug!(%error, "there is no compact code");
                None
            }
        }
    }

    /// How to make instances of `code`, which is this plug-in's.
    pub(crate) fn prepared<'a>(&self, code: &'a Code, flavor: Flavor) -> Result<&'a Prepared> {
        code.prepared(&self.functions, flavor, self.settings.wasi.is_some())
    }

    /// A session without variables, for a new plug-in.
    pub(crate) fn new_session(&self) -> Session {
        Session {
            id: new_id(),
            config: self.settings.config.clone(),
            timeout: self.settings.timeout,
            show_response_headers: self.settings.http_response_headers,
            vars: Vars::new(self.settings.max_var_bytes),
            captured: Capture::default(),
        }
    }

    /// Refuses modules that need more from the start than the plug-in may have.
    fn check_needs(&self) -> Result<()> {
        let modules = self.code.modules();
        let bytes = modules.iter().fold(0u64, |sum, named| sum.saturating_add(named.needs.memory_bytes));
        let limit = self.settings.max_memory_bytes;
        if bytes > limit {
            let message = format!(
                "needs {} pages of memory from the start, but `memory.max_pages` allows {}; raise it to run this plug-in",
                bytes / WASM_PAGE_BYTES,
                limit / WASM_PAGE_BYTES
            );
            return Err(Error::new(ErrorKind::OutOfMemory, message));
        }
        let elements = modules.iter().fold(0u64, |sum, named| sum.saturating_add(named.needs.table_elements));
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
        let modules = self.code.modules();
        let needs_nothing = modules.iter().all(|named| named.module.imports().len() == 0);
        if needs_nothing && self.functions.is_empty() {
            return Ok(());
        }
        let (engine, wasi) = (self.code.engine(), self.settings.wasi.is_some());
        let linker = link::linker(engine, &self.functions, Flavor::Blocking, wasi)?;
        let call = CallState::new(CancelHandle::default());
        let state = State::new(self.settings.clone(), self.new_session(), call);
        let mut store = Store::new(engine.engine(), state);
        link::check(&linker, &mut store, modules, wasi)
    }
}

/// Whether these modules import what may wait, if the host lends them no functions.
fn may_wait(modules: &[NamedModule]) -> bool {
    let imports = modules.iter().flat_map(|named| named.module.imports());
    imports.into_iter().any(|import| {
        let is_linked = modules.iter().any(|named| named.name == import.module());
        !is_linked && contract::may_wait(import.module(), import.name())
    })
}

/// A random id. In a forked process not from `uuid`'s own generator, whose state is a copy of the parent's.
fn new_id() -> Uuid {
    let mut bytes = [0; 16];
    if fork::is_child() && getrandom::fill(&mut bytes).is_ok() {
        return uuid::Builder::from_random_bytes(bytes).into_uuid();
    }
    Uuid::new_v4()
}
