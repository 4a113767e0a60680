//! What is served and how: plain data, from a file, a folder or a program.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use plugwright_capabilities::config::StoreConfig;
use serde::Deserialize;

mod capabilities;
mod error;
mod file;
mod folder;
mod limits;
mod locate;
mod route;
mod values;

pub use error::ConfigError;
pub(crate) use folder::is_plugin;
pub use limits::{HttpLimits, Limits};
pub(crate) use route::Grants;
pub use route::{Isolation, Methods, PluginConfig, RouteConfig, SessionConfig, View};

/// Everything that a server is told.
///
/// Nothing is read and nothing can fail before [`Server::start`](crate::Server::start).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen. Port 0 is a free port. `127.0.0.1:8080` by default.
    pub listen: SocketAddr,
    /// Certificate and key; plain HTTP without.
    pub tls: Option<TlsConfig>,
    /// The address for operators; none by default.
    pub admin: Option<AdminConfig>,
    /// Whether changes of files are looked for. On by default.
    pub watch: bool,
    /// Whether each answer is logged, as an event of the target `plugwright::access`. Off by default.
    pub access_log: bool,
    /// How long calls that run may go on when the server stops, 30 s by default.
    #[serde(deserialize_with = "values::time")]
    pub shutdown_timeout: Duration,
    /// Limits of connections and requests.
    pub http: HttpLimits,
    /// Plug-ins by name.
    pub plugins: BTreeMap<String, PluginConfig>,
    /// Routes; the most specific path wins, whatever their order.
    pub routes: Vec<RouteConfig>,
    /// Functions that are called for messages and at times, beside the routes. Their plug-ins are among `plugins`.
    #[cfg(feature = "triggers")]
    #[serde(skip)]
    pub triggers: Vec<plugwright_triggers::TriggerConfig>,
    /// A folder whose plug-ins are served as `POST /<plug-in>/<function>`, beside the routes.
    pub folder: Option<PathBuf>,
    /// What holds for the plug-ins of the folder.
    pub folder_plugins: PluginConfig,
    /// The stores that plug-ins may be granted, by name: the table `[capabilities]` of the file, beside `[serve]`.
    #[serde(skip)]
    pub stores: BTreeMap<String, StoreConfig>,
    /// The file that all of this is from, which names itself in errors. Paths are relative to its folder.
    #[serde(skip)]
    pub(crate) file: Option<file::Origin>,
}

/// A certificate and its key, in PEM files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate, with those between it and the root after it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// The address for operators, and the secret that they know.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminConfig {
    /// Where to listen: `127.0.0.1:9090` by default.
    #[serde(default = "AdminConfig::default_listen")]
    pub listen: SocketAddr,
    /// A file that holds the token and nothing else. Without one the token is `PLUGWRIGHT_ADMIN_TOKEN` of the environment.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// The token itself, for programs; a configuration file is no place for a secret.
    #[serde(skip)]
    pub token: Option<String>,
}

impl AdminConfig {
    /// Listens on this address.
    pub fn new(listen: SocketAddr) -> Self {
        Self { listen, token_file: None, token: None }
    }

    /// 127.0.0.1:9090.
    pub fn default_listen() -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, 9090))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls: None,
            admin: None,
            watch: true,
            access_log: false,
            shutdown_timeout: Duration::from_secs(30),
            http: HttpLimits::default(),
            plugins: BTreeMap::new(),
            routes: Vec::new(),
            #[cfg(feature = "triggers")]
            triggers: Vec::new(),
            folder: None,
            folder_plugins: PluginConfig::default(),
            stores: BTreeMap::new(),
            file: None,
        }
    }
}

impl Config {
    /// Reads the table `[serve]` of a file in TOML, usually `plugwright.toml`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is not valid; the error names file, line, route and field.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        file::read(path.as_ref())
    }

    /// Serves one function of a plug-in at `POST /`. The plug-in is a path or a URL.
    pub fn of_function(plugin: impl Into<String>, function: impl Into<String>) -> Self {
        Self { routes: vec![RouteConfig::new("/", plugin, function)], ..Self::default() }
    }

    /// Serves the plug-ins of a folder as `POST /<plug-in>/<function>`.
    pub fn of_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ..Self::default() }
    }

    /// A path of the configuration as the process sees it.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        match self.file.as_ref().and_then(|file| file.path.parent()) {
            Some(folder) => folder.join(path),
            None => path.to_owned(),
        }
    }

    /// An error about a route's field; without a field, about the route.
    pub(crate) fn route_error(&self, index: usize, field: &str, message: impl Into<String>) -> ConfigError {
        let route = format!("route {} (`{}`)", index + 1, self.routes[index].path);
        self.error(&["routes"], Some(index), field, message).about(route)
    }

    /// An error about a plug-in's field.
    pub(crate) fn plugin_error(&self, name: &str, field: &str, message: impl Into<String>) -> ConfigError {
        self.error(&["plugins", name], None, field, message).about(format!("plug-in `{name}`"))
    }

    /// An error about a trigger's field; without a field, about the trigger.
    #[cfg(feature = "triggers")]
    pub(crate) fn trigger_error(&self, index: usize, field: &str, message: impl Into<String>) -> ConfigError {
        let name = self.triggers.get(index).map(|trigger| trigger.name.as_str()).unwrap_or_default();
        let mut error = ConfigError::new(message).field(field).about(format!("trigger `{name}`"));
        if let Some(file) = &self.file {
            error = error.at(&file.path, locate::line_of(&file.text, &["triggers"], Some(index), field));
        }
        error
    }

    /// An error about a field of a table.
    pub(crate) fn error(
        &self,
        tables: &[&str],
        index: Option<usize>,
        field: &str,
        message: impl Into<String>,
    ) -> ConfigError {
        let tables: Vec<&str> = std::iter::once("serve").chain(tables.iter().copied()).collect();
        self.error_below(&tables, index, field, message)
    }

    /// An error about a field of a table, which is named from the file's root.
    fn error_below(
        &self,
        tables: &[&str],
        index: Option<usize>,
        field: &str,
        message: impl Into<String>,
    ) -> ConfigError {
        let mut error = ConfigError::new(message).field(field);
        if let Some(file) = &self.file {
            error = error.at(&file.path, locate::line_of(&file.text, tables, index, field));
        }
        error
    }
}
