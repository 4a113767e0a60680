//! From a description to code and settings: what a builder does in the end.

use std::sync::Arc;

use plugwright_manifest::{AllowedHosts, AllowedPath, Manifest, Wasm};

use super::{CompilationCache, MAIN, Overrides, PluginBuilder, Purpose};
use crate::code::Code;
use crate::compilation::{Compiler, NamedWasm, load_trusted};
use crate::compiled::CompiledPlugin;
use crate::error::{Error, ErrorKind, Result};
use crate::host_function::{HostFunction, made_to_measure};
use crate::http::HttpPolicy;
use crate::link;
use crate::outcome::one_line;
use crate::settings::Settings;
use crate::snapshot::{Conditions, imports_only};
use crate::source::{PluginSource, Resolved, load};
use crate::{MAX_MODULES, WASM_PAGE_BYTES};

/// The most memory of a plug-in without `memory.max_pages`, over all its memories: 4 GiB.
const DEFAULT_MAX_MEMORY_BYTES: u64 = 65_536 * WASM_PAGE_BYTES;

impl PluginBuilder {
    /// Compiles, and tells the plug-in's name as soon as it is known.
    pub(super) fn compile_as(mut self, named: &mut Option<String>) -> Result<CompiledPlugin> {
        let (code, manifest) = self.load_code(named, Purpose::Plugin)?;
        let name = named.get_or_insert_with(|| MAIN.to_owned()).clone();
        let functions = self.all_functions(&code);
        let settings = self.settings(name, &manifest)?;
        CompiledPlugin::new(code, settings, functions)
    }

    /// Loads and compiles the modules.
    pub(super) fn load_code(
        &mut self,
        named: &mut Option<String>,
        purpose: Purpose,
    ) -> Result<(Code, Manifest)> {
        let cache = std::mem::take(&mut self.cache);
        let recent = cache == CompilationCache::Default;
        let cache = cache.open();
        let source = std::mem::replace(&mut self.source, PluginSource::from(Vec::new()));
        let (manifest, suggested) = match source.resolve()? {
            Resolved::TrustedCode(_) if self.snapshot.is_some() => return Err(compiled_already()),
            Resolved::TrustedCode(_) if !self.linked.is_empty() => return Err(whole_already(&self.linked)),
            Resolved::TrustedCode(bytes) => {
                let (name, engine, modules) = load_trusted(self.engine, self.pooling, &bytes)?;
                named.get_or_insert(name);
                return Ok((Code::new(engine, modules)?, Manifest::new([] as [Wasm; 0])));
            }
            Resolved::Manifest(manifest, suggested) => (manifest, suggested),
        };
        if named.is_none() {
            *named = suggested;
        }
        let sources = with_main_last(&manifest, std::mem::take(&mut self.linked))?;
        self.check_snapshot(sources.len())?;
        let mut modules = Vec::new();
        for (name, wasm) in sources {
            let mut wasm = load(&wasm)?;
            if let Some(snapshot) = &self.snapshot {
                if purpose == Purpose::Plugin {
                    self.check_imports(&manifest, &wasm)?;
                }
                let conditions = self.conditions(&manifest, purpose)?;
                wasm = snapshot.take(wasm, &conditions, cache.as_ref())?;
            }
            modules.push(NamedWasm { name, wasm });
        }
        let compiler = Compiler {
            key: self.engine,
            cache: cache.as_ref(),
            recent,
            rewrite: self.rewrite,
            max_memory_bytes: self.max_memory_bytes(&manifest),
            pooling: self.pooling && purpose == Purpose::Plugin,
        };
        let (engine, modules) = compiler.compile(&modules)?;
        Ok((Code::new(engine, link::in_order(modules)?)?, manifest))
    }

    /// Refuses a snapshot of several modules.
    fn check_snapshot(&self, modules: usize) -> Result<()> {
        if self.snapshot.is_none() || modules == 1 {
            return Ok(());
        }
        let message = format!(
            "a snapshot can be made of a plug-in of one module, and this one has {modules}; build it without a snapshot"
        );
        Err(Error::new(ErrorKind::Snapshot { reads: Vec::new() }, message))
    }

    /// Refuses a module whose imports nothing provides, before a snapshot runs any of its code.
    fn check_imports(&self, manifest: &Manifest, wasm: &[u8]) -> Result<()> {
        // What is not valid is reported by the compiler.
        let Some(wasm) = imports_only(wasm) else { return Ok(()) };
        let shell = NamedWasm { name: MAIN.to_owned(), wasm };
        let compiler = Compiler {
            key: self.engine,
            cache: None,
            recent: false,
            rewrite: false,
            max_memory_bytes: self.max_memory_bytes(manifest),
            pooling: false,
        };
        let (engine, modules) = compiler.compile(&[shell])?;
        let settings = self.clone().settings(MAIN.to_owned(), manifest)?;
        let code = Code::new(engine, modules)?;
        let functions = self.all_functions(&code);
        CompiledPlugin::new(code, settings, functions).map(drop)
    }

    /// The host functions, with those that are made for this code.
    fn all_functions(&self, code: &Code) -> Vec<HostFunction> {
        let mut functions = self.functions.clone();
        if let Some(tailor) = &self.tailor {
            functions.extend(made_to_measure(&**tailor, code.modules()));
        }
        functions
    }

    /// Under which conditions the plug-in starts up for a snapshot.
    fn conditions(&self, manifest: &Manifest, purpose: Purpose) -> Result<Conditions<'_>> {
        let has_wasi = self.wasi.unwrap_or(purpose == Purpose::Code);
        Ok(Conditions {
            wasi: has_wasi.then_some(&self.system),
            folders: !self.overrides.paths.is_empty() || !manifest.paths()?.is_empty(),
            max_memory_bytes: self.max_memory_bytes(manifest),
            engine: self.engine,
        })
    }

    fn max_memory_bytes(&self, manifest: &Manifest) -> u64 {
        let own = self.overrides.max_pages.map(|pages| u64::from(pages) * WASM_PAGE_BYTES);
        own.or(manifest.memory.memory_limit_bytes()).unwrap_or(DEFAULT_MAX_MEMORY_BYTES)
    }

    /// The manifest's settings with those of the builder before them.
    fn settings(self, name: String, manifest: &Manifest) -> Result<Settings> {
        let max_memory_bytes = self.max_memory_bytes(manifest);
        let Overrides { config, hosts, paths, timeout, max_var_bytes, max_http_response_bytes, .. } =
            self.overrides;
        let mut all_config = manifest.config.clone();
        all_config.extend(config);
        let mut all_hosts = manifest.allowed_hosts.clone().unwrap_or_default();
        all_hosts.extend(hosts);
        let mut all_paths = manifest.paths()?;
        for (host, guest) in &paths {
            all_paths.push(AllowedPath::new(host, guest)?);
        }
        let memory = &manifest.memory;
        let max_response = max_http_response_bytes.unwrap_or_else(|| memory.http_response_limit_bytes());
        let mut wasi = self.system;
        wasi.paths = all_paths;
        Ok(Settings {
            name,
            config: all_config,
            timeout: timeout.or(manifest.timeout()),
            fuel: self.fuel,
            max_memory_bytes,
            max_var_bytes: max_var_bytes.unwrap_or_else(|| memory.var_limit_bytes()),
            max_log_bytes: self.max_log_bytes,
            max_output_bytes: self.max_output_bytes,
            http: Arc::new(HttpPolicy::new(AllowedHosts::new(&all_hosts)?, max_response)),
            http_response_headers: self.http_response_headers,
            wasi: self.wasi.unwrap_or(false).then_some(wasi),
            log: self.log,
            cancel_when: self.cancel_when,
            post_mortem: self.post_mortem,
        })
    }
}

/// The error for a snapshot of compiled code.
fn compiled_already() -> Error {
    let message =
        "this is compiled code, of which no snapshot can be made; ask for it when the plug-in is compiled";
    Error::new(ErrorKind::Incompatible, message)
}

/// The error for modules that are to be linked to compiled code.
fn whole_already(linked: &[(String, PluginSource)]) -> Error {
    let names = linked.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let message = format!(
        "this is compiled code, a whole plug-in already, to which nothing can be linked, and it is to be linked with {names}; link \
         when the plug-in is compiled"
    );
    Error::new(ErrorKind::Incompatible, one_line(&message))
}

/// The modules of a plug-in with their names, the main one last.
fn with_main_last(manifest: &Manifest, linked: Vec<(String, PluginSource)>) -> Result<Vec<(String, Wasm)>> {
    let mut modules: Vec<(String, Wasm)> = Vec::new();
    for (name, source) in linked {
        let Resolved::Manifest(of_linked, _) = source.resolve()? else {
            return Err(Error::new(
                ErrorKind::Incompatible,
                format!("module `{name}` is compiled code; compiled code can only be a whole plug-in"),
            ));
        };
        let [wasm] = &*of_linked.wasm else {
            return Err(Error::new(
                ErrorKind::InvalidManifest,
                format!("module `{name}` is a manifest of {} modules; link one module", of_linked.wasm.len()),
            ));
        };
        modules.push((name, wasm.clone()));
    }
    let main = manifest.main_index();
    for (index, wasm) in manifest.wasm.iter().enumerate() {
        if Some(index) != main {
            let name = wasm.name.clone().unwrap_or_else(|| format!("module{index}"));
            modules.push((name, wasm.clone()));
        }
    }
    if let Some(wasm) = main.and_then(|index| manifest.wasm.get(index)) {
        modules.push((MAIN.to_owned(), wasm.clone()));
    }
    if modules.len() > MAX_MODULES {
        let message =
            format!("the plug-in has {} modules; at most {MAX_MODULES} can be linked", modules.len());
        return Err(Error::new(ErrorKind::InvalidManifest, message));
    }
    for (index, (name, _)) in modules.iter().enumerate() {
        if modules[..index].iter().any(|(other, _)| other == name) {
            return Err(Error::new(
                ErrorKind::InvalidManifest,
                format!("two modules are named `{name}`; rename one"),
            ));
        }
    }
    Ok(modules)
}
