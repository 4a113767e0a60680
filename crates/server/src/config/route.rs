//! Routes and the plug-ins that they name.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::Method;
use plugwright_capabilities::Granted;
use plugwright_capabilities::config::PluginCapabilities;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::limits::Limits;
use super::values;

/// Where a plug-in comes from, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PluginConfig {
    /// A file with WebAssembly, WebAssembly text or a manifest.
    pub path: Option<PathBuf>,
    /// A URL of the same, instead of a path.
    pub url: Option<String>,
    /// The SHA-256 that the file must have, in hexadecimal digits.
    pub hash: Option<String>,
    /// Whether it gets WASI preview 1: clocks and random numbers, and what is granted besides.
    pub wasi: bool,
    /// Runs start-up code once, when the plug-in is loaded, instead of in each instance.
    pub snapshot: bool,
    /// Values that it can read by key.
    pub config: BTreeMap<String, String>,
    /// Globs of the hosts that it may send requests to.
    pub allowed_hosts: Vec<String>,
    /// Folders that it may use: host path, after `ro:` if read-only, to the path that it sees.
    pub allowed_paths: BTreeMap<String, PathBuf>,
    /// Environment variables that it sees.
    pub env: BTreeMap<String, String>,
    /// The stores that it may use. Routes have none of their own to add.
    pub capabilities: PluginCapabilities,
    /// Limits of its calls.
    pub limits: Limits,
}

/// How a function sees a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// The request's body is the input, and the output the response's body.
    #[default]
    Body,
    /// The input describes the whole request in JSON, the output the whole response.
    Request,
}

/// What requests share of a plug-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// Instances, one after the other; variables live as long as an instance.
    #[default]
    Shared,
    /// Nothing: each request gets an instance of its own.
    PerRequest,
    /// An instance with the requests of the same session.
    Session,
}

/// How a session is told from others, and how many there may be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionConfig {
    /// The request header that holds the session's id, which the client chooses.
    pub header: Option<String>,
    /// The cookie that holds the session's id, which the server chooses. `plugwright-session` when neither is given.
    pub cookie: Option<String>,
    /// The most sessions at a time; a request that would begin one more gets 503. 1000 by default.
    pub max: usize,
    /// How long a session lives without a request: 15 minutes by default.
    #[serde(deserialize_with = "values::time")]
    pub idle_timeout: Duration,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self { header: None, cookie: None, max: 1000, idle_timeout: Duration::from_secs(15 * 60) }
    }
}

/// The methods that a route answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Methods {
    /// Any.
    Any,
    /// These.
    These(Vec<Method>),
}

impl Methods {
    /// Whether this method is among them.
    pub fn contain(&self, method: &Method) -> bool {
        match self {
            Self::Any => true,
            Self::These(methods) => methods.contains(method),
        }
    }
}

impl std::fmt::Display for Methods {
    /// The names, with commas.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::These(methods) => {
                f.write_str(&methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Methods {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        if names == ["*"] {
            return Ok(Self::Any);
        }
        if names.is_empty() {
            return Err(D::Error::custom("name at least one method, or [\"*\"] for any"));
        }
        let method = |name: &String| {
            // Methods are case-sensitive, and all that people mean are upper case.
            let method = Method::from_bytes(name.as_bytes()).ok();
            method.filter(|_| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')).ok_or_else(
                || {
                    D::Error::custom(format!(
                        "`{name}` is not a method; write it in capitals, such as \"POST\""
                    ))
                },
            )
        };
        names.iter().map(method).collect::<Result<_, _>>().map(Self::These)
    }
}

/// A function at a path.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteConfig {
    /// The path. `{name}` stands for any one segment, `{*name}` at the end for all that is left.
    pub path: String,
    /// `["POST"]` by default.
    #[serde(default = "RouteConfig::default_methods")]
    pub methods: Methods,
    /// The plug-in: a name of [`Config::plugins`](super::Config::plugins), else a path or a URL.
    pub plugin: String,
    /// The SHA-256 that the plug-in's file must have, where the plug-in is a path or a URL.
    #[serde(default)]
    pub hash: Option<String>,
    /// The function.
    pub function: String,
    /// How the function sees the request.
    #[serde(default)]
    pub view: View,
    /// The content type of responses in the view `body`. `application/octet-stream` by default.
    #[serde(default)]
    pub content_type: Option<String>,
    /// What requests share.
    #[serde(default)]
    pub isolation: Isolation,
    /// About sessions, for [`Isolation::Session`].
    #[serde(default)]
    pub session: Option<SessionConfig>,
    /// The most calls at a time: 32 by default.
    #[serde(default = "RouteConfig::default_concurrency")]
    pub concurrency: usize,
    /// The most requests that wait for a call to end; further ones get 503. 256 by default.
    #[serde(default = "RouteConfig::default_queue")]
    pub queue: usize,
    /// How long a request waits before it gets 503: 5 s by default.
    #[serde(default = "RouteConfig::default_queue_timeout", deserialize_with = "values::time")]
    pub queue_timeout: Duration,
    /// The most bytes of a request's body: that of the server by default.
    #[serde(default, deserialize_with = "values::optional_bytes")]
    pub max_body_bytes: Option<u64>,
    /// Whether the plug-in gets WASI, as if its own configuration said so.
    #[serde(default)]
    pub wasi: bool,
    /// Added to the plug-in's config.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// Added to the plug-in's.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// Added to the plug-in's.
    #[serde(default)]
    pub allowed_paths: BTreeMap<String, PathBuf>,
    /// Added to the plug-in's.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Before the plug-in's.
    #[serde(default)]
    pub limits: Limits,
}

impl RouteConfig {
    /// `POST path` calls the function of this plug-in, with the defaults.
    pub fn new(path: impl Into<String>, plugin: impl Into<String>, function: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            methods: Self::default_methods(),
            plugin: plugin.into(),
            hash: None,
            function: function.into(),
            view: View::default(),
            content_type: None,
            isolation: Isolation::default(),
            session: None,
            concurrency: Self::default_concurrency(),
            queue: Self::default_queue(),
            queue_timeout: Self::default_queue_timeout(),
            max_body_bytes: None,
            wasi: false,
            config: BTreeMap::new(),
            allowed_hosts: Vec::new(),
            allowed_paths: BTreeMap::new(),
            env: BTreeMap::new(),
            limits: Limits::default(),
        }
    }

    fn default_methods() -> Methods {
        Methods::These(vec![Method::POST])
    }

    fn default_concurrency() -> usize {
        32
    }

    fn default_queue() -> usize {
        256
    }

    fn default_queue_timeout() -> Duration {
        Duration::from_secs(5)
    }
}

/// What a plug-in may do on a route: its own configuration and the route's together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Grants {
    pub(crate) wasi: bool,
    pub(crate) snapshot: bool,
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) allowed_paths: BTreeMap<String, PathBuf>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) capabilities: Granted,
    pub(crate) limits: Limits,
}

impl Grants {
    pub(crate) fn of_plugin(plugin: &PluginConfig, capabilities: &Granted) -> Self {
        Self {
            wasi: plugin.wasi,
            snapshot: plugin.snapshot,
            config: plugin.config.clone(),
            allowed_hosts: plugin.allowed_hosts.clone(),
            allowed_paths: plugin.allowed_paths.clone(),
            env: plugin.env.clone(),
            capabilities: capabilities.clone(),
            limits: plugin.limits.clone(),
        }
    }

    pub(crate) fn on_route(plugin: &PluginConfig, capabilities: &Granted, route: &RouteConfig) -> Self {
        let mut grants = Self::of_plugin(plugin, capabilities);
        let added = |map: &BTreeMap<String, String>| map.clone().into_iter();
        grants.wasi |= route.wasi;
        grants.config.extend(added(&route.config));
        grants.env.extend(added(&route.env));
        grants.allowed_hosts.extend(route.allowed_hosts.iter().cloned());
        grants.allowed_paths.extend(route.allowed_paths.clone());
        grants.limits = route.limits.over(&plugin.limits);
        grants
    }
}
