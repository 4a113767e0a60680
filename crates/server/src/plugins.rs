//! The plug-ins that are served, with the versions of each. A version holds its code: files may change, and it stays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use plugwright::{Error, Manifest, PluginSource, Wasm};
use plugwright_capabilities::{Granted, Registry};
use sha2::{Digest, Sha256};

use crate::config::{Config, ConfigError, PluginConfig};
use crate::remote;

/// The most versions that are kept of a plug-in, the current one included.
const MAX_VERSIONS: usize = 5;

/// All plug-ins by name. A clone is cheap: versions are shared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plugins(BTreeMap<String, Entry>);

/// A plug-in.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) config: PluginConfig,
    /// What it is granted of the stores.
    pub(crate) capabilities: Granted,
    /// Whether it is a file of the folder, whose functions are routes by themselves.
    pub(crate) in_folder: bool,
    /// Oldest first.
    pub(crate) versions: Vec<Arc<Version>>,
    /// The number of the version that is served; `None` when the plug-in was removed.
    pub(crate) current: Option<u64>,
    /// What the configuration's source had when it was read last. As long as it has the same, an operator's choice stands.
    configured: Option<String>,
    next_number: u64,
}

/// A version of a plug-in. It never changes.
#[derive(Debug)]
pub(crate) struct Version {
    /// From 1.
    pub(crate) number: u64,
    /// The SHA-256 of the module; of the manifest with the modules in it, when it is more than a module.
    pub(crate) sha256: String,
    /// Where it is from, for people.
    pub(crate) origin: String,
    pub(crate) loaded: SystemTime,
    /// With all modules in it.
    pub(crate) manifest: Manifest,
}

/// Code that was read, and is no version yet.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) manifest: Manifest,
    pub(crate) sha256: String,
    pub(crate) origin: String,
}

impl Fetched {
    /// Reads a plug-in. This blocks the thread.
    pub(crate) fn read(source: PluginSource, origin: String) -> Result<Self, Error> {
        let manifest = source.fetch()?;
        let sha256 = fingerprint(&manifest);
        Ok(Self { manifest, sha256, origin })
    }
}

fn fingerprint(manifest: &Manifest) -> String {
    let digest = match &*manifest.wasm {
        [Wasm { source: plugwright::manifest::WasmSource::Data(bytes), .. }]
            if *manifest == Manifest::new([Wasm::data(bytes.clone())]) =>
        {
            Sha256::digest(bytes)
        }
        // What has been fetched consists of data, which can be written.
        _ => Sha256::digest(manifest.to_json().unwrap_or_default()),
    };
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Plugins {
    /// These plug-ins as the configuration has them now. This blocks the thread: files are read and URLs downloaded.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read; the error says which and where it is named.
    pub(crate) fn updated(&self, config: &Config) -> Result<Self, ConfigError> {
        let mut updated = BTreeMap::new();
        for (name, plugin) in &config.plugins {
            let source = source(config, plugin)
                .map_err(|(field, message)| config.plugin_error(name, field, message))?;
            let entry = self.entry(name, plugin, false, source);
            let field = if plugin.url.is_some() { "url" } else { "path" };
            updated.insert(
                name.clone(),
                entry.map_err(|error| config.plugin_error(name, field, error.message()))?,
            );
        }
        for (name, path) in config.folder_plugins()? {
            if updated.contains_key(&name) {
                let message =
                    format!("the folder has a plug-in `{name}`, and so has `plugins`; rename one of them");
                return Err(config.error(&[], None, "folder", message));
            }
            let plugin = PluginConfig { path: Some(path), ..config.folder_plugins.clone() };
            let source =
                source(config, &plugin).map_err(|(_, message)| config.error(&[], None, "folder", message))?;
            let entry = self.entry(&name, &plugin, true, source);
            let entry = entry.map_err(|error| {
                config.error(&[], None, "folder", format!("plug-in `{name}`: {}", error.message()))
            })?;
            updated.insert(name, entry);
        }
        for (index, route) in config.routes.iter().enumerate() {
            if remote::name_of(&route.plugin).is_some() {
                continue;
            }
            let name = plugin_of(config, &route.plugin);
            if config.plugins.contains_key(&name) {
                if route.hash.is_some() && config.plugins.contains_key(&route.plugin) {
                    let message = format!("`{name}` is one of `plugins`; say there which hash it has");
                    return Err(config.route_error(index, "hash", message));
                }
                if !config.plugins.contains_key(&route.plugin) {
                    let message = format!(
                        "the name of this plug-in would be `{name}`, which another one has; list it in `plugins` under a name of its own"
                    );
                    return Err(config.route_error(index, "plugin", message));
                }
                continue;
            }
            let plugin = implicit(&route.plugin, route.hash.as_ref());
            if let Some(other) = updated.get(&name) {
                if other.config != plugin {
                    let message = format!(
                        "another plug-in has the name `{name}`; list this one in `plugins` under a name of its own"
                    );
                    return Err(config.route_error(index, "plugin", message));
                }
                continue;
            }
            let source = source(config, &plugin).map_err(|(_, message)| {
                config.route_error(index, "plugin", unknown(config, &route.plugin, message))
            })?;
            let entry = self.entry(&name, &plugin, false, source);
            let entry = entry.map_err(|error| {
                config.route_error(
                    index,
                    "plugin",
                    unknown(config, &route.plugin, error.message().to_owned()),
                )
            })?;
            updated.insert(name, entry);
        }
        // What an operator put into the folder's plug-ins is not in any file.
        for (name, entry) in &self.0 {
            if entry.configured.is_none() && !updated.contains_key(name) {
                updated.insert(name.clone(), entry.clone());
            }
        }
        for (name, entry) in &mut updated {
            entry.capabilities = config.granted(name, &entry.config)?;
        }
        Ok(Self(updated))
    }

    /// Opens the stores that plug-ins are granted, those that are not open yet. This blocks the thread.
    ///
    /// # Errors
    ///
    /// When one cannot be opened; the error says which.
    pub(crate) fn open_stores(&self, config: &Config, registry: &Registry) -> Result<(), ConfigError> {
        self.0.iter().try_for_each(|(name, entry)| config.open_stores(name, &entry.capabilities, registry))
    }

    fn entry(
        &self,
        name: &str,
        config: &PluginConfig,
        in_folder: bool,
        (source, origin): (PluginSource, String),
    ) -> Result<Entry, Error> {
        let known = self.0.get(name);
        if let Some(entry) = known.filter(|entry| entry.cannot_have_changed(config)) {
            return Ok(Entry { config: config.clone(), in_folder, ..entry.clone() });
        }
        let fetched = Fetched::read(source, origin)?;
        let mut entry = match known {
            Some(entry) => Entry { config: config.clone(), in_folder, ..entry.clone() },
            None => Entry::new(config.clone(), in_folder),
        };
        if entry.configured.as_ref() != Some(&fetched.sha256) {
            entry.configured = Some(fetched.sha256.clone());
            entry.serve(fetched);
        }
        Ok(entry)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Entry> {
        self.0.get_mut(name)
    }

    /// Adds a plug-in that is in no file, to be served like those of the folder.
    pub(crate) fn add(
        &mut self,
        name: &str,
        config: PluginConfig,
        capabilities: Granted,
        fetched: Fetched,
    ) -> &Entry {
        let entry = self.0.entry(name.to_owned()).or_insert_with(|| Entry::new(config, true));
        entry.capabilities = capabilities;
        entry.serve(fetched);
        entry
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.0.iter()
    }

    /// The files that plug-ins are from.
    pub(crate) fn files(&self, config: &Config) -> BTreeSet<PathBuf> {
        self.0
            .values()
            .filter_map(|entry| entry.config.path.as_ref())
            .map(|path| config.resolve(path))
            .collect()
    }
}

impl Entry {
    fn new(config: PluginConfig, in_folder: bool) -> Self {
        Self {
            config,
            capabilities: Granted::default(),
            in_folder,
            versions: Vec::new(),
            current: None,
            configured: None,
            next_number: 1,
        }
    }

    /// Whether what the configuration names is what it named before: a download with this hash.
    fn cannot_have_changed(&self, config: &PluginConfig) -> bool {
        self.configured.is_some()
            && config.hash.is_some()
            && config.url.is_some()
            && (&self.config.url, &self.config.hash) == (&config.url, &config.hash)
    }

    /// The version that is served.
    pub(crate) fn current(&self) -> Option<&Arc<Version>> {
        self.versions.iter().find(|version| Some(version.number) == self.current)
    }

    /// Serves this code from now on, as a new version.
    pub(crate) fn serve(&mut self, fetched: Fetched) {
        let number = self.next_number;
        self.next_number += 1;
        self.versions.push(Arc::new(Version {
            number,
            sha256: fetched.sha256,
            origin: fetched.origin,
            loaded: SystemTime::now(),
            manifest: fetched.manifest,
        }));
        self.current = Some(number);
        if self.versions.len() > MAX_VERSIONS {
            self.versions.remove(0);
        }
    }

    /// Serves an older version again: this one, or the one before the current one.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(crate) fn roll_back(&mut self, number: Option<u64>) -> Result<u64, String> {
        let current = self.current.unwrap_or(u64::MAX);
        let found = match number {
            Some(number) => self.versions.iter().find(|version| version.number == number),
            None => self.versions.iter().rev().find(|version| version.number < current),
        };
        let Some(version) = found else {
            return Err(match number {
                Some(number) => {
                    format!("there is no version {number} any more; {MAX_VERSIONS} versions are kept")
                }
                None => "there is no older version".to_owned(),
            });
        };
        self.current = Some(version.number);
        Ok(version.number)
    }
}

/// The name of the plug-in that a route names: one of `plugins`, else what its file is called.
pub(crate) fn plugin_of(config: &Config, plugin: &str) -> String {
    if config.plugins.contains_key(plugin) {
        return plugin.to_owned();
    }
    let file = plugin.rsplit('/').next().unwrap_or(plugin);
    let file = file.split(['?', '#']).next().unwrap_or(file);
    let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    stem.filter(|stem| !stem.is_empty()).unwrap_or_else(|| plugin.to_owned())
}

/// A plug-in that a route names by path or URL.
pub(crate) fn implicit(plugin: &str, hash: Option<&String>) -> PluginConfig {
    let is_url = plugin.starts_with("http://") || plugin.starts_with("https://");
    PluginConfig {
        path: (!is_url).then(|| plugin.into()),
        url: is_url.then(|| plugin.to_owned()),
        hash: hash.cloned(),
        ..PluginConfig::default()
    }
}

/// Where to read a plug-in, and what to call that place. An error has the field that is wrong.
fn source(config: &Config, plugin: &PluginConfig) -> Result<(PluginSource, String), (&'static str, String)> {
    let (wasm, source, origin): (_, PluginSource, _) = match (&plugin.path, &plugin.url) {
        (Some(path), None) => {
            let path = config.resolve(path);
            (Wasm::file(path.clone()), path.clone().into(), path.display().to_string())
        }
        (None, Some(url)) => (Wasm::url(url.as_str()), url.as_str().into(), url.clone()),
        (Some(_), Some(_)) => {
            return Err(("url", "there are both `path` and `url`; give one of them".to_owned()));
        }
        (None, None) => return Err(("", "there is neither `path` nor `url`; give one of them".to_owned())),
    };
    match &plugin.hash {
        Some(hash) => {
            let wasm = wasm.with_hash(hash);
            wasm.expected_sha256().map_err(|error| ("hash", error.to_string()))?;
            Ok((wasm.into(), origin))
        }
        None => Ok((source, origin)),
    }
}

/// A file that is not there may be a misspelt name.
fn unknown(config: &Config, plugin: &str, message: String) -> String {
    let nearest = config
        .plugins
        .keys()
        .map(|name| (strsim::damerau_levenshtein(name, plugin), name))
        .filter(|(distance, _)| *distance <= 2)
        .min();
    match nearest {
        Some((_, name)) => format!("{message}; did you mean `{name}` of `plugins`?"),
        None => message,
    }
}
