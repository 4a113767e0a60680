//! From WebAssembly binaries to compiled modules: rewriting, the engine's compiler, the cache, and files of compiled code.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use plugwright_rewrite::{OffsetMap, Rewritten};
use wasmtime::Module;

use crate::cache::{Cache, Key};
use crate::container::{CompiledModule, CompiledRewrite, Container};
use crate::engine::{EngineKey, SharedEngine};
use crate::error::{Error, ErrorKind, Result};
use crate::needs::InitialNeeds;
use crate::outcome::one_line;
use crate::recent::RECENT;
use crate::reserve;
use crate::rewritten::Rewrite;
use crate::source_map::SourceMap;
use crate::sys;

/// A module with the name that others import it by. Clones share the code.
#[derive(Clone)]
pub(crate) struct NamedModule {
    pub(crate) name: String,
    pub(crate) module: Module,
    /// What it needs from the start.
    pub(crate) needs: InitialNeeds,
    /// What was done to it before it was compiled.
    pub(crate) rewrite: Option<Rewrite>,
    /// What it was compiled from, if it is small and was rewritten: to compile it again for many more instances.
    source: Option<Arc<[u8]>>,
}

/// The largest module whose source is kept.
const SMALL_BYTES: usize = 1 << 20;

impl NamedModule {
    /// The same module in another engine of the same configuration.
    ///
    /// # Errors
    ///
    /// `Encode` or `Incompatible` when the engine does not give out or take its code.
    pub(crate) fn in_engine(&self, engine: &SharedEngine) -> Result<Self> {
        let module = load(engine, &code_of(&self.module)?)?;
        let (name, rewrite, source) = (self.name.clone(), self.rewrite.clone(), self.source.clone());
        Ok(Self { name, module, needs: self.needs, rewrite, source })
    }

    /// The same module compiled to code that reserves no address space; `None` when its source was not kept.
    ///
    /// # Errors
    ///
    /// `Compile` when the engine refuses it.
    pub(crate) fn compact(&self, key: EngineKey) -> Result<Option<(Arc<SharedEngine>, Self)>> {
        let Some(source) = &self.source else { return Ok(None) };
        let source = NamedWasm { name: self.name.clone(), wasm: source.to_vec() };
        let engine = SharedEngine::get(EngineKey { compact: true, ..key })?;
        let module = compile(&engine, &source, Some(0))?;
        Ok(Some((engine, module)))
    }

    /// What the module takes in memory, about.
    fn bytes(&self) -> usize {
        let code = self.module.image_range();
        let source = self.source.as_ref().map_or(0, |source| source.len());
        let debug = self.rewrite.as_ref().map_or(0, |rewrite| rewrite.source_map.debug().len());
        (code.end.addr() - code.start.addr()) + source + debug
    }

    /// What is kept of the module in a file: its DWARF too, unless what it was compiled from will be at hand.
    fn to_file(&self, with_debug: bool) -> Result<CompiledModule> {
        let rewrite =
            self.rewrite.as_ref().map(|Rewrite { has_start, reserve_pages, source_map }| CompiledRewrite {
                has_start: *has_start,
                reserve_pages: *reserve_pages,
                first_added_function: source_map.first_added_function(),
                offsets: source_map.offsets().to_bytes(),
                debug: if with_debug { source_map.debug().to_vec() } else { Vec::new() },
            });
        Ok(CompiledModule {
            name: self.name.clone(),
            needs: self.needs,
            rewrite,
            code: code_of(&self.module)?,
        })
    }

    /// A module from a file, with DWARF from what it was compiled from if that is given.
    fn from_file(engine: &SharedEngine, file: CompiledModule, original: Option<&[u8]>) -> Result<Self> {
        let CompiledModule { name, needs, rewrite, code } = file;
        let rewrite = match rewrite {
            Some(CompiledRewrite { has_start, first_added_function, reserve_pages, offsets, debug }) => {
                let offsets = OffsetMap::from_bytes(&offsets).map_err(|error| incompatible(&error))?;
                let source_map = match original {
                    Some(wasm) => SourceMap::of(offsets, first_added_function, wasm),
                    None => SourceMap::new(offsets, first_added_function, debug),
                };
                Some(Rewrite { has_start, reserve_pages, source_map: Arc::new(source_map) })
            }
            None => None,
        };
        let source = original.filter(|_| rewrite.is_some()).and_then(kept);
        Ok(Self { name, module: load(engine, &code)?, needs, rewrite, source })
    }
}

/// A WebAssembly binary with its name.
pub(crate) struct NamedWasm {
    pub(crate) name: String,
    pub(crate) wasm: Vec<u8>,
}

/// Compiles WebAssembly, or finds it compiled.
pub(crate) struct Compiler<'a> {
    pub(crate) key: EngineKey,
    pub(crate) cache: Option<&'a Cache>,
    /// Whether modules are kept in memory as well.
    pub(crate) recent: bool,
    /// Whether plug-ins are rewritten.
    pub(crate) rewrite: bool,
    /// What the plug-in may have.
    pub(crate) max_memory_bytes: u64,
    /// Whether their instances come from a pool.
    pub(crate) pooling: bool,
}

impl Compiler<'_> {
    /// Compiles the modules of a plug-in.
    ///
    /// # Errors
    ///
    /// `Compile` when a binary is not valid.
    pub(crate) fn compile(&self, modules: &[NamedWasm]) -> Result<(Arc<SharedEngine>, Vec<NamedModule>)> {
        if let [module] = modules
            && self.rewrite
        {
            let (engine, module) = self.compile_single(module)?;
            return Ok((engine, vec![module]));
        }
        let engine = SharedEngine::get(self.key)?;
        let modules = modules.iter().map(|module| self.compile_in(&engine, module, None));
        let modules = modules.collect::<Result<_>>()?;
        Ok((engine, modules))
    }

    /// Compiles a plug-in of one module in the fastest way that works for it.
    ///
    /// One that cannot be rewritten is refused: a guest must not choose to be without what the rewrite does for deadlines.
    fn compile_single(&self, source: &NamedWasm) -> Result<(Arc<SharedEngine>, NamedModule)> {
        let mut refused = None;
        let needs = InitialNeeds::of(&source.wasm);
        let reserve_pages = reserve::pages(self.key, needs, self.max_memory_bytes);
        for engine in engines(self.key, self.pooling, needs) {
            match self.compile_in(&engine, source, Some(reserve_pages)) {
                Ok(module) => return Ok((engine, module)),
                Err(error) => refused = Some(error),
            }
        }
        // What is wrong is told best in terms of the original.
        let engine = SharedEngine::get(self.key)?;
        compile(&engine, source, None)?;
        Err(refused.unwrap_or_else(|| incompatible(&"there is no engine for it")))
    }

    /// Compiles a module, rewritten with so many pages in reserve if at all.
    fn compile_in(
        &self,
        engine: &SharedEngine,
        source: &NamedWasm,
        rewrite: Option<u32>,
    ) -> Result<NamedModule> {
        if !self.recent && self.cache.is_none() {
            return compile(engine, source, rewrite);
        }
        let key = Key::new(&source.wasm, &configuration(engine, rewrite));
        if !self.recent {
            return self.find_or_compile(engine, source, rewrite, &key);
        }
        // An engine with a pool may have the configuration of one without, but takes no modules of that.
        let recent_key = (key, engine.places().is_some());
        if let Some(module) = RECENT.get(&recent_key) {
            return Ok(NamedModule { name: source.name.clone(), ..module });
        }
        let module = self.find_or_compile(engine, source, rewrite, &key)?;
        RECENT.put(recent_key, module.clone(), module.bytes());
        Ok(module)
    }

    fn find_or_compile(
        &self,
        engine: &SharedEngine,
        source: &NamedWasm,
        rewrite: Option<u32>,
        key: &Key,
    ) -> Result<NamedModule> {
        if let Some(entry) = self.cache.and_then(|cache| cache.get(key)) {
            // The cache returns only what this user's secret authenticates, and only `put` below makes that.
            match from_cache(engine, source, &entry) {
                Ok(module) => return Ok(module),
                Err(error) => tracing::debug!(%error, "cached code does not fit; compiling again"),
            }
        }
        let module = compile(engine, source, rewrite)?;
        if let Some(cache) = self.cache {
            let container =
                module.to_file(false).map(|file| Container { plugin: String::new(), modules: vec![file] });
            match container.and_then(|container| container.to_bytes()) {
                Ok(entry) => cache.put(key, &entry),
                Err(error) => tracing::debug!(%error, "cannot cache compiled code"),
            }
        }
        Ok(module)
    }
}

/// The engines for a rewritten plug-in of one module, the fastest first.
fn engines(key: EngineKey, pooling: bool, needs: InitialNeeds) -> impl Iterator<Item = Arc<SharedEngine>> {
    // The places of a pool are as large as a memory with 32-bit addresses may become.
    let pooled = if pooling && !needs.memory64 { SharedEngine::pooled(key) } else { None };
    pooled.into_iter().chain(SharedEngine::get(key).ok())
}

fn compile(engine: &SharedEngine, source: &NamedWasm, rewrite: Option<u32>) -> Result<NamedModule> {
    let NamedWasm { name, wasm } = source;
    let invalid = |error: &dyn std::fmt::Display| {
        let reason = one_line(&error.to_string());
        Error::new(ErrorKind::Compile, format!("is not a WebAssembly module that can be run: {reason}"))
    };
    let compile =
        |wasm: &[u8]| Module::new(engine.engine(), wasm).map_err(|error| invalid(&format_args!("{error:#}")));
    let (module, rewrite) = if let Some(reserve_pages) = rewrite {
        let options = plugwright_rewrite::Options::default()
            .reserve_pages(reserve_pages)
            .kernel_pages(reserve::kernel_pages(engine.key()));
        let rewritten = options.rewrite(wasm).map_err(|error| {
            let message = format!("cannot be rewritten: {error}; turn that off by `rewrite(false)`");
            Error::new(ErrorKind::Compile, one_line(&message))
        })?;
        let module = compile(&rewritten.wasm)?;
        let Rewritten { has_start, offsets, first_added_function, reserve_pages, .. } = rewritten;
        let source_map = Arc::new(SourceMap::of(offsets, first_added_function, wasm));
        (module, Some(Rewrite { has_start, reserve_pages, source_map }))
    } else {
        (compile(wasm)?, None)
    };
    let source = if rewrite.is_some() { kept(wasm) } else { None };
    Ok(NamedModule { name: name.clone(), module, needs: InitialNeeds::of(wasm), rewrite, source })
}

fn kept(wasm: &[u8]) -> Option<Arc<[u8]>> {
    (wasm.len() <= SMALL_BYTES).then(|| wasm.into())
}

fn from_cache(engine: &SharedEngine, source: &NamedWasm, entry: &[u8]) -> Result<NamedModule> {
    let file = Container::from_bytes(entry)?.modules.pop();
    let file = file.ok_or_else(|| incompatible(&"it has no module"))?;
    let module = NamedModule::from_file(engine, file, Some(&source.wasm))?;
    Ok(NamedModule { name: source.name.clone(), ..module })
}

/// Compiled modules as one file.
pub(crate) fn serialize(plugin: &str, modules: &[NamedModule]) -> Result<Vec<u8>> {
    let modules = modules.iter().map(|module| module.to_file(true)).collect::<Result<_>>()?;
    Container { plugin: plugin.to_owned(), modules }.to_bytes()
}

/// A compiled plug-in that the caller trusts like a program: its name, and its modules in an engine.
pub(crate) fn load_trusted(
    key: EngineKey,
    pooling: bool,
    bytes: &[u8],
) -> Result<(String, Arc<SharedEngine>, Vec<NamedModule>)> {
    let Container { plugin, mut modules } = Container::from_bytes(bytes)?;
    if modules.len() == 1
        && let Some(file) = modules.pop_if(|file| file.rewrite.is_some())
    {
        let mut refused = None;
        for engine in engines(key, pooling, file.needs) {
            match NamedModule::from_file(&engine, file.clone(), None) {
                Ok(module) => return Ok((plugin, engine, vec![module])),
                Err(error) => refused = Some(error),
            }
        }
        return Err(refused.unwrap_or_else(|| incompatible(&"there is no engine for it")));
    }
    let engine = SharedEngine::get(key)?;
    let modules = modules.into_iter().map(|file| NamedModule::from_file(&engine, file, None));
    let modules = modules.collect::<Result<_>>()?;
    Ok((plugin, engine, modules))
}

fn code_of(module: &Module) -> Result<Vec<u8>> {
    module.serialize().map_err(|error| Error::new(ErrorKind::Encode, error.to_string()))
}

/// Loads machine code that the cache vouches for, or the caller of [`load_trusted`].
fn load(engine: &SharedEngine, code: &[u8]) -> Result<Module> {
    sys::deserialize_trusted(engine.engine(), code).map_err(|error| incompatible(&error))
}

fn incompatible(reason: &dyn std::fmt::Display) -> Error {
    let message = format!("this code was compiled for another version, configuration or machine: {reason}");
    Error::new(ErrorKind::Incompatible, message)
}

/// What compiled code depends on besides its source.
fn configuration(engine: &SharedEngine, rewrite: Option<u32>) -> [u8; 32] {
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
    rewrite.map(|reserve_pages| (plugwright_rewrite::VERSION, reserve_pages)).hash(&mut digest);
    digest.0.finalize().into()
}
