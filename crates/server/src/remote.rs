//! Plug-ins that run elsewhere: routes whose plug-in is `nats:<name>`. Who runs them is not this crate's affair.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use plugwright::{BoxFuture, Result};

use crate::config::{Isolation, Limits, RouteConfig};

/// What the name of a plug-in begins with that runs elsewhere.
const SCHEME: &str = "nats:";

/// Makes calls of plug-ins that run elsewhere.
pub trait Remote: Send + Sync + 'static {
    /// Makes a call. Dropping the future cancels it.
    ///
    /// # Errors
    ///
    /// As [`Plugin::call`](plugwright::Plugin::call); `Unavailable` when nobody took the call, `Lost` when it is not known what became
    /// of it.
    fn call(&self, call: RemoteCall) -> BoxFuture<'_, Result<Bytes>>;

    /// Checks that this can be the name of such a plug-in.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    fn check(&self, plugin: &str) -> std::result::Result<(), String>;
}

/// A call of a plug-in that runs elsewhere.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RemoteCall {
    /// The plug-in's name, without `nats:`.
    pub plugin: Arc<str>,
    /// The function.
    pub function: Arc<str>,
    /// The input.
    pub input: Bytes,
    /// How long the call may take.
    pub timeout: Duration,
    /// How long to look for somebody who takes it.
    pub wait: Duration,
    /// Whether the function may run twice.
    pub idempotent: bool,
}

/// The name of a plug-in that runs elsewhere, if this is one.
pub(crate) fn name_of(plugin: &str) -> Option<&str> {
    plugin.strip_prefix(SCHEME)
}

/// What a route needs to call a plug-in elsewhere.
pub(crate) struct RemoteRoute {
    remote: Arc<dyn Remote>,
    call: RemoteCall,
}

impl RemoteRoute {
    /// Of a route with this configuration.
    ///
    /// # Errors
    ///
    /// A field and what is wrong with it.
    pub(crate) fn new(
        remote: Option<&Arc<dyn Remote>>,
        plugin: &str,
        route: &RouteConfig,
    ) -> std::result::Result<Self, (&'static str, String)> {
        let Some(remote) = remote else {
            let message =
                format!("`nats:{plugin}` runs elsewhere; say where the NATS server is, with --nats");
            return Err(("plugin", message));
        };
        remote.check(plugin).map_err(|message| ("plugin", message))?;
        let defaults = RouteConfig::new(route.path.as_str(), route.plugin.as_str(), route.function.as_str());
        let limits = Limits { timeout: None, ..route.limits.clone() };
        // What its worker decides.
        let foreign = [
            ("hash", route.hash != defaults.hash),
            ("isolation", route.isolation != Isolation::Shared),
            ("wasi", route.wasi),
            ("config", !route.config.is_empty()),
            ("allowed_hosts", !route.allowed_hosts.is_empty()),
            ("allowed_paths", !route.allowed_paths.is_empty()),
            ("env", !route.env.is_empty()),
            ("limits", limits != Limits::default()),
        ];
        if let Some((field, _)) = foreign.into_iter().find(|(_, given)| *given) {
            let message = format!("means nothing for `nats:{plugin}`: its workers decide that; leave it out");
            return Err((field, message));
        }
        let call = RemoteCall {
            plugin: plugin.into(),
            function: route.function.as_str().into(),
            input: Bytes::new(),
            timeout: route.limits.timeout.unwrap_or(Limits::TIMEOUT),
            wait: route.queue_timeout,
            idempotent: route.idempotent,
        };
        Ok(Self { remote: remote.clone(), call })
    }

    /// Makes a call with this input.
    pub(crate) async fn call(&self, input: Bytes) -> Result<Bytes> {
        self.remote.call(RemoteCall { input, ..self.call.clone() }).await
    }
}

impl std::fmt::Debug for RemoteRoute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteRoute").field("call", &self.call).finish_non_exhaustive()
    }
}
