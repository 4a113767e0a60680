//! Stores and grants as configuration has them: plain data. Nothing is opened and no secret is read here.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::{Limits, Namespace, Secret};

mod server;

pub use server::ServerConfig;

/// The kinds of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Key-value stores.
    Kv,
    /// Databases.
    Sql,
    /// Message brokers.
    Messaging,
}

impl Kind {
    /// The name in configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kv => "kv",
            Self::Sql => "sql",
            Self::Messaging => "messaging",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a store is kept by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Backend {
    /// Key-value pairs in this process, which end with it.
    Memory,
    /// Key-value pairs in a file.
    Redb,
    /// Key-value pairs in a Redis server.
    Redis,
    /// A database in a file.
    Sqlite,
    /// A database in a PostgreSQL server.
    Postgres,
    /// A NATS server.
    Nats,
    /// An MQTT broker.
    Mqtt,
}

impl Backend {
    /// The name in configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redb => "redb",
            Self::Redis => "redis",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Nats => "nats",
            Self::Mqtt => "mqtt",
        }
    }

    /// The kind of capability that it is good for.
    pub fn kind(self) -> Kind {
        match self {
            Self::Memory | Self::Redb | Self::Redis => Kind::Kv,
            Self::Sqlite | Self::Postgres => Kind::Sql,
            Self::Nats | Self::Mqtt => Kind::Messaging,
        }
    }

    /// What addresses of its servers begin with.
    fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Redis => &["redis", "redis+unix", "unix"],
            Self::Postgres => &["postgres", "postgresql"],
            Self::Nats => &["nats", "tls"],
            Self::Mqtt => &["mqtt", "mqtts"],
            Self::Memory | Self::Redb | Self::Sqlite => &[],
        }
    }

    /// Whether it is a server, which has an address; else it is a file or nothing.
    pub fn is_server(self) -> bool {
        matches!(self, Self::Redis | Self::Postgres | Self::Nats | Self::Mqtt)
    }

    /// Whether it is a file, which has a path.
    pub fn is_file(self) -> bool {
        matches!(self, Self::Redb | Self::Sqlite)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A store: `[capabilities.<name>]` in a configuration. It is opened once, as long as it stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// What it is to plug-ins.
    pub kind: Kind,
    /// What it is kept by.
    pub backend: Backend,
    /// The file, for backends that are files.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// The address of the server, without a password.
    #[serde(default)]
    pub url: Option<String>,
    /// The environment variable with the address, which may have a password.
    #[serde(default)]
    pub url_env: Option<String>,
    /// The environment variable with the password.
    #[serde(default)]
    pub password_env: Option<String>,
    /// The file with the password and nothing else.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Whether a message counts as published only once a stream has stored it: JetStream, in NATS.
    #[serde(default)]
    pub stored: bool,
    /// How long an operation may take, in milliseconds: 5000 by default. The call's own deadline holds besides.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// The most bytes that keys and values of one namespace may take, where the store is ours to bound: a key-value store in memory or
    /// in a file.
    #[serde(default)]
    pub max_namespace_bytes: Option<u64>,
    /// The most bytes of a namespace's database in SQLite.
    #[serde(default)]
    pub max_database_bytes: Option<u64>,
    /// The most connections to PostgreSQL for each namespace.
    #[serde(default)]
    pub max_connections: Option<usize>,
}

/// The most connections of a store that can be allowed.
const MAX_CONNECTIONS: usize = 10_000;

/// The smallest limit of a database: sixteen pages of SQLite's.
const MIN_DATABASE_BYTES: u64 = 1 << 16;

/// How long an operation may take by default.
pub(crate) const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);

impl StoreConfig {
    /// A store of this backend, about which nothing else is said.
    pub fn new(backend: Backend) -> Self {
        Self {
            kind: backend.kind(),
            backend,
            path: None,
            url: None,
            url_env: None,
            password_env: None,
            password_file: None,
            stored: false,
            timeout_ms: None,
            max_namespace_bytes: None,
            max_database_bytes: None,
            max_connections: None,
        }
    }

    /// The same, with paths that were relative to this folder.
    pub fn resolved(mut self, folder: &Path) -> Self {
        for path in [&mut self.path, &mut self.password_file].into_iter().flatten() {
            *path = folder.join(&*path);
        }
        self
    }

    /// Where its server is.
    pub fn server(&self) -> ServerConfig {
        let Self { url, url_env, password_env, password_file, .. } = self.clone();
        ServerConfig { url, url_env, password_env, password_file }
    }

    /// The address of its server with the password, see [`ServerConfig::address`].
    ///
    /// # Errors
    ///
    /// Like [`ServerConfig::address`].
    pub fn address(&self) -> Result<Secret, FieldError> {
        self.server().address(self.backend.schemes())
    }

    /// How long an operation may take.
    pub fn timeout(&self) -> Duration {
        self.timeout_ms.map_or(OPERATION_TIMEOUT, Duration::from_millis)
    }

    /// Checks what can be checked without opening anything.
    ///
    /// # Errors
    ///
    /// The field that is wrong, and what to do.
    pub fn check(&self) -> Result<(), FieldError> {
        let Self { kind, backend, .. } = self;
        if backend.kind() != *kind {
            let message = format!("`{backend}` keeps no `{kind}`, but `{}`", backend.kind());
            return Err(FieldError::new("backend", message));
        }
        if self.timeout_ms == Some(0) {
            return Err(FieldError::new("timeout_ms", "at least 1 ms must be allowed"));
        }
        if *backend == Backend::Postgres && self.max_database_bytes.is_some() {
            let message =
                "PostgreSQL has no such limit; leave it out, and bound the disk of the server's tablespace";
            return Err(FieldError::new("max_database_bytes", message));
        }
        if self.max_database_bytes.is_some_and(|most| most < MIN_DATABASE_BYTES) {
            let message =
                format!("a database takes some space by itself; give at least {MIN_DATABASE_BYTES}");
            return Err(FieldError::new("max_database_bytes", message));
        }
        if self.max_connections.is_some_and(|most| !(1..=MAX_CONNECTIONS).contains(&most)) {
            let message = format!("1 to {MAX_CONNECTIONS} connections can be allowed");
            return Err(FieldError::new("max_connections", message));
        }
        let given = [
            ("path", self.path.is_some(), backend.is_file()),
            ("url", self.url.is_some(), backend.is_server()),
            ("url_env", self.url_env.is_some(), backend.is_server()),
            ("password_env", self.password_env.is_some(), backend.is_server()),
            ("password_file", self.password_file.is_some(), backend.is_server()),
            ("stored", self.stored, *backend == Backend::Nats),
            (
                "max_namespace_bytes",
                self.max_namespace_bytes.is_some(),
                matches!(backend, Backend::Memory | Backend::Redb),
            ),
            ("max_database_bytes", self.max_database_bytes.is_some(), *backend == Backend::Sqlite),
            ("max_connections", self.max_connections.is_some(), *backend == Backend::Postgres),
        ];
        if let Some((field, ..)) = given.into_iter().find(|(_, given, meaningful)| *given && !meaningful) {
            let message = format!("means nothing for the backend `{backend}`; leave it out");
            return Err(FieldError::new(field, message));
        }
        if backend.is_file() && self.path.is_none() {
            return Err(FieldError::new("path", format!("the backend `{backend}` is a file; say which")));
        }
        if backend.is_server() { self.server().check(backend.schemes()) } else { Ok(()) }
    }
}

/// What a plug-in may do with a store: `kv = { from = "…" }` in a plug-in's `capabilities`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantConfig {
    /// The store, by its name in `[capabilities]`.
    pub from: String,
    /// The part of the store that the plug-in sees: the plug-in's name by default.
    #[serde(default)]
    pub namespace: Option<Namespace>,
    /// Whether it may only read.
    #[serde(default)]
    pub read_only: bool,
    /// See [`Limits::operations_per_second`].
    #[serde(default)]
    pub operations_per_second: Option<u64>,
    /// See [`Limits::bytes_per_second`].
    #[serde(default)]
    pub bytes_per_second: Option<u64>,
    /// See [`Limits::max_value_bytes`].
    #[serde(default)]
    pub max_value_bytes: Option<u64>,
}

impl GrantConfig {
    /// Everything in the store of this name, within the default limits.
    pub fn of(store: impl Into<String>) -> Self {
        Self { from: store.into(), ..Self::default() }
    }

    /// The limits, with defaults where nothing is said.
    pub fn limits(&self) -> Limits {
        let Limits { operations_per_second, bytes_per_second, max_value_bytes } = Limits::default();
        Limits {
            operations_per_second: self.operations_per_second.unwrap_or(operations_per_second),
            bytes_per_second: self.bytes_per_second.unwrap_or(bytes_per_second),
            max_value_bytes: self.max_value_bytes.unwrap_or(max_value_bytes),
        }
    }
}

/// The capabilities of a plug-in: `[serve.plugins.<name>.capabilities]` in a configuration. One of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PluginCapabilities {
    /// A key-value store.
    pub kv: Option<GrantConfig>,
    /// A database.
    pub sql: Option<GrantConfig>,
    /// A message broker.
    pub messaging: Option<GrantConfig>,
    /// Values by key, for the host function `hostMemoryGet`.
    pub memory_map: Option<BTreeMap<String, String>>,
}

impl PluginCapabilities {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The grants of stores.
    pub(crate) fn grants(&self) -> impl Iterator<Item = (Kind, &GrantConfig)> {
        [(Kind::Kv, &self.kv), (Kind::Sql, &self.sql), (Kind::Messaging, &self.messaging)]
            .into_iter()
            .filter_map(|(kind, grant)| Some((kind, grant.as_ref()?)))
    }
}

/// A field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {message}")]
pub struct FieldError {
    /// The field; fields of tables in the table have a dot.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl FieldError {
    /// This field, with what is wrong with it and what to do.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Backend, FieldError, StoreConfig};

    fn wrong(change: impl FnOnce(&mut StoreConfig), backend: Backend) -> FieldError {
        let mut config = StoreConfig::new(backend);
        change(&mut config);
        config.check().expect_err("a configuration that is wrong")
    }

    #[test]
    fn fields_that_mean_nothing_are_named() {
        assert_eq!(StoreConfig::new(Backend::Memory).check(), Ok(()));
        assert_eq!(wrong(|_| {}, Backend::Redb).field, "path");
        assert_eq!(wrong(|_| {}, Backend::Redis).field, "url");
        assert_eq!(wrong(|config| config.path = Some("x".into()), Backend::Memory).field, "path");
        assert_eq!(wrong(|config| config.url = Some("redis://x".into()), Backend::Memory).field, "url");
        assert_eq!(wrong(|config| config.kind = super::Kind::Sql, Backend::Memory).field, "backend");
        assert_eq!(wrong(|config| config.timeout_ms = Some(0), Backend::Memory).field, "timeout_ms");
        let bounded = |most| move |config: &mut StoreConfig| config.max_database_bytes = Some(most);
        assert!(wrong(bounded(1 << 30), Backend::Postgres).message.contains("PostgreSQL has no such limit"));
        assert_eq!(wrong(bounded(1), Backend::Sqlite).field, "max_database_bytes");
        assert_eq!(wrong(bounded(1 << 30), Backend::Redb).field, "max_database_bytes");
        let connections = |most| move |config: &mut StoreConfig| config.max_connections = Some(most);
        assert_eq!(wrong(connections(0), Backend::Postgres).field, "max_connections");
        assert_eq!(wrong(connections(usize::MAX), Backend::Postgres).field, "max_connections");
        assert_eq!(wrong(connections(1), Backend::Sqlite).field, "max_connections");
        let both = |config: &mut StoreConfig| {
            config.url = Some("redis://x".into());
            config.url_env = Some("X".into());
        };
        assert_eq!(wrong(both, Backend::Redis).field, "url_env");
    }
}
