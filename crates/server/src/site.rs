//! What is served at a moment: routes and deployments. A site never changes; a reload puts another one in its place, and
//! requests finish on the one that they began on.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use plugwright::{HostFunction, Plugin, Snapshot};
use plugwright_capabilities::Registry;

use crate::config::{Config, ConfigError, Grants, Isolation, Limits, Methods, RouteConfig, View};
use crate::deployment::{Compiled, Deployment, DeploymentKey};
use crate::lane::Pace;
use crate::metrics::{Gauges, Metrics, RouteKey, RouteMetrics};
use crate::plugins::{Plugins, Version, plugin_of};
use crate::remote::{self, Remote, RemoteRoute};
use crate::router::Router;

/// The name of the cookie that tells sessions apart, unless another is given.
const COOKIE: &str = "plugwright-session";

/// The content type of what a function says nothing about.
const OCTETS: &str = "application/octet-stream";

#[derive(Default)]
pub(crate) struct Site {
    pub(crate) router: Router<Route>,
    pub(crate) routes: Vec<Arc<Route>>,
    pub(crate) deployments: HashMap<DeploymentKey, Arc<Deployment>>,
    /// By the name of the trigger.
    #[cfg(feature = "triggers")]
    pub(crate) triggers: HashMap<String, Arc<crate::triggers::TriggerRoute>>,
}

/// A function at a path.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) pattern: String,
    pub(crate) methods: Methods,
    pub(crate) plugin: String,
    pub(crate) function: Arc<str>,
    pub(crate) view: View,
    pub(crate) content_type: HeaderValue,
    pub(crate) session: Option<SessionKey>,
    /// `None` when the plug-in was removed, or runs elsewhere.
    pub(crate) deployment: Option<Arc<Deployment>>,
    /// When the plug-in runs elsewhere.
    pub(crate) remote: Option<RemoteRoute>,
    pub(crate) max_body_bytes: u64,
    pub(crate) queue_timeout: Duration,
    pub(crate) metrics: Arc<RouteMetrics>,
    /// How long the function's last call computed.
    pub(crate) pace: Pace,
    /// The most requests that wait or run at a time.
    max_admitted: usize,
    admitted: AtomicUsize,
}

/// Where the id of a request's session is.
#[derive(Debug)]
pub(crate) enum SessionKey {
    Header(HeaderName),
    Cookie(String),
}

/// A request that may wait and run. It counts until it is dropped.
pub(crate) struct Admitted(Arc<Route>);

impl Route {
    /// Admits a request, unless too many wait already.
    pub(crate) fn admit(self: &Arc<Self>) -> Option<Admitted> {
        let before = self.admitted.fetch_add(1, Ordering::Relaxed);
        self.metrics.in_flight.fetch_add(1, Ordering::Relaxed);
        let admitted = Admitted(self.clone());
        if before >= self.max_admitted {
            self.metrics.turned_away.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(admitted)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.0.admitted.fetch_sub(1, Ordering::Relaxed);
        self.0.metrics.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What sites are made from, besides configuration and plug-ins.
pub(crate) struct Surroundings<'a> {
    pub(crate) host_functions: &'a [HostFunction],
    pub(crate) registry: &'a Registry,
    pub(crate) metrics: &'a Arc<Metrics>,
    pub(crate) previous: &'a Site,
    /// Who makes calls of plug-ins that run elsewhere.
    pub(crate) remote: Option<&'a Arc<dyn Remote>>,
}

impl Site {
    /// Compiles what is new, and checks everything. This blocks the thread.
    ///
    /// # Errors
    ///
    /// When a plug-in cannot be compiled, a function is not there, or routes collide.
    pub(crate) fn build(
        config: &Config,
        plugins: &Plugins,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, ConfigError> {
        let mut builder = Builder {
            plugins,
            surroundings,
            site: Self::default(),
            compiled: HashMap::new(),
            max_body_bytes: config.http.max_body_bytes,
        };
        for (index, route) in config.routes.iter().enumerate() {
            let added = match remote::name_of(&route.plugin) {
                Some(name) => builder.add_remote(name, route),
                None => builder.add(&plugin_of(config, &route.plugin), route),
            };
            added.map_err(|(field, message)| config.route_error(index, field, message))?;
        }
        for (name, entry) in plugins.iter().filter(|(_, entry)| entry.in_folder) {
            let functions =
                builder.functions(name).map_err(|(_, message)| config.plugin_error(name, "", message))?;
            for function in functions {
                let path = format!("/{}/{}", literal(name), literal(&function));
                let mut route = RouteConfig::new(path, name, function);
                route.limits = entry.config.limits.clone();
                builder.add(name, &route).map_err(|(_, message)| config.plugin_error(name, "", message))?;
            }
        }
        #[cfg(feature = "triggers")]
        builder.add_triggers(config)?;
        Ok(builder.site)
    }

    /// How a plug-in is served on its first route; where it has none, for one of its triggers.
    pub(crate) fn deployment(&self, plugin: &str) -> Option<&Arc<Deployment>> {
        let on_routes = self.routes.iter().filter_map(|route| route.deployment.as_ref());
        // Triggers add nothing to what the plug-in is granted: any will do.
        on_routes.chain(self.deployments.values()).find(|deployment| deployment.key.plugin == plugin)
    }

    /// What a plug-in has now.
    pub(crate) fn gauges(&self, plugin: &str) -> Gauges {
        let mut gauges = Gauges::default();
        for deployment in self.deployments.values().filter(|deployment| deployment.key.plugin == plugin) {
            deployment.add_to(&mut gauges);
        }
        gauges
    }
}

/// A field and what is wrong with it.
type Refusal = (&'static str, String);

struct Builder<'a> {
    plugins: &'a Plugins,
    surroundings: &'a Surroundings<'a>,
    site: Site,
    /// By plug-in, version and grants.
    compiled: HashMap<(String, u64, Grants), Compiled>,
    max_body_bytes: u64,
}

impl Builder<'_> {
    fn add(&mut self, name: &str, route: &RouteConfig) -> Result<(), Refusal> {
        let entry =
            self.plugins.get(name).ok_or_else(|| ("plugin", format!("there is no plug-in `{name}`")))?;
        let deployment = match entry.current() {
            Some(version) => {
                let grants = Grants::on_route(&entry.config, &entry.capabilities, route);
                Some(self.deployment(name, version, grants, route)?)
            }
            None => None,
        };
        if route.idempotent {
            let message = "means nothing for a plug-in that runs here; leave it out".to_owned();
            return Err(("idempotent", message));
        }
        self.route(name, route, deployment, None)
    }

    /// Adds a route to a plug-in that runs elsewhere.
    fn add_remote(&mut self, name: &str, route: &RouteConfig) -> Result<(), Refusal> {
        let remote = RemoteRoute::new(self.surroundings.remote, name, route)?;
        self.route(&route.plugin, route, None, Some(remote))
    }

    fn route(
        &mut self,
        name: &str,
        route: &RouteConfig,
        deployment: Option<Arc<Deployment>>,
        remote: Option<RemoteRoute>,
    ) -> Result<(), Refusal> {
        let session = session_key(route)?;
        if route.concurrency == 0 {
            return Err(("concurrency", "at least one call at a time must be allowed".to_owned()));
        }
        let content_type = route.content_type.as_deref().unwrap_or(OCTETS);
        let content_type = HeaderValue::from_str(content_type)
            .map_err(|_| ("content_type", format!("`{content_type}` cannot be the value of a header")))?;
        let key =
            RouteKey { path: route.path.clone(), plugin: name.to_owned(), function: route.function.clone() };
        let made = Arc::new(Route {
            pattern: route.path.clone(),
            methods: route.methods.clone(),
            plugin: name.to_owned(),
            function: route.function.as_str().into(),
            view: route.view,
            content_type,
            session,
            deployment,
            remote,
            max_body_bytes: route.max_body_bytes.unwrap_or(self.max_body_bytes),
            queue_timeout: route.queue_timeout,
            metrics: self.surroundings.metrics.route(key),
            pace: Pace::default(),
            max_admitted: route.concurrency.saturating_add(route.queue),
            admitted: AtomicUsize::new(0),
        });
        self.site
            .router
            .add(&route.path, &route.methods, made.clone())
            .map_err(|message| ("path", message))?;
        self.site.routes.push(made);
        Ok(())
    }

    /// What triggers call. They are as strict about plug-ins and functions as routes.
    #[cfg(feature = "triggers")]
    fn add_triggers(&mut self, config: &Config) -> Result<(), ConfigError> {
        crate::triggers::check(config)?;
        for (index, trigger) in config.triggers.iter().enumerate() {
            let name = &trigger.plugin;
            let refused = |(field, message): Refusal| config.trigger_error(index, field, message);
            let entry = self.plugins.get(name).ok_or_else(|| {
                refused((
                    "plugin",
                    format!("there is no plug-in `{name}`; describe it in `[serve.plugins.{name}]`"),
                ))
            })?;
            let mut route = RouteConfig::new("", name, &trigger.function);
            route.concurrency = trigger.concurrency;
            let grants = Grants::on_route(&entry.config, &entry.capabilities, &route);
            let deployment = match entry.current() {
                Some(version) => Some(self.deployment(name, version, grants, &route).map_err(refused)?),
                None => None,
            };
            let made = crate::triggers::TriggerRoute {
                function: trigger.function.as_str().into(),
                deployment,
                pace: Pace::default(),
            };
            self.site.triggers.insert(trigger.name.clone(), Arc::new(made));
        }
        Ok(())
    }

    fn deployment(
        &mut self,
        name: &str,
        version: &Version,
        grants: Grants,
        route: &RouteConfig,
    ) -> Result<Arc<Deployment>, Refusal> {
        let key = DeploymentKey {
            plugin: name.to_owned(),
            version: version.number,
            grants,
            isolation: route.isolation,
            session: route.session.clone().filter(|_| route.isolation == Isolation::Session),
            concurrency: route.concurrency,
        };
        let known =
            self.site.deployments.get(&key).or_else(|| self.surroundings.previous.deployments.get(&key));
        let deployment = match known {
            Some(deployment) => deployment.clone(),
            None => {
                let compiled = self.compile(name, version, &key.grants)?;
                let metrics = self.surroundings.metrics.plugin(name);
                Arc::new(Deployment::new(key.clone(), compiled, metrics))
            }
        };
        let compiled = &deployment.compiled.0;
        if !compiled.function_exists(&route.function) {
            return Err(("function", no_function(name, &route.function, compiled)));
        }
        self.site.deployments.insert(key, deployment.clone());
        Ok(deployment)
    }

    fn compile(&mut self, name: &str, version: &Version, grants: &Grants) -> Result<Compiled, Refusal> {
        let key = (name.to_owned(), version.number, grants.clone());
        if let Some(compiled) = self.compiled.get(&key) {
            return Ok(compiled.clone());
        }
        let Surroundings { host_functions, registry, .. } = self.surroundings;
        let lent =
            registry.lend(name, &grants.capabilities).map_err(|refused| ("plugin", refused.to_string()))?;
        let functions: Vec<HostFunction> = host_functions.iter().cloned().chain(lent).collect();
        let compiled = compile(name, version, grants, &functions);
        let compiled = compiled.map_err(|error| ("plugin", error.to_string()))?;
        self.compiled.insert(key, compiled.clone());
        Ok(compiled)
    }

    /// The functions of a plug-in of the folder.
    fn functions(&mut self, name: &str) -> Result<Vec<String>, Refusal> {
        let Some(entry) = self.plugins.get(name) else { return Ok(Vec::new()) };
        let Some(version) = entry.current() else { return Ok(Vec::new()) };
        let compiled = self.compile(name, version, &Grants::of_plugin(&entry.config, &entry.capabilities))?;
        let callable = compiled.0.exports().iter().filter(|export| compiled.0.function_exists(&export.name));
        // What prepares an instance is nobody's to call.
        let start_up = ["_initialize", "_start", "__wasm_call_ctors", "hs_init", "hs_exit"];
        let names =
            callable.map(|export| export.name.clone()).filter(|name| !start_up.contains(&name.as_str()));
        Ok(names.collect())
    }
}

/// How a version is built for these grants.
pub(crate) fn builder(
    name: &str,
    version: &Version,
    grants: &Grants,
    host_functions: &[HostFunction],
) -> plugwright::PluginBuilder {
    let manifest = &version.manifest;
    let limits = &grants.limits;
    let mut builder = Plugin::builder(manifest.clone())
        .name(name)
        .wasi(grants.wasi)
        .host_functions(host_functions.iter().cloned())
        .max_output_bytes(limits.max_output_bytes.unwrap_or(Limits::MAX_OUTPUT_BYTES))
        .max_log_bytes(limits.max_log_bytes.unwrap_or(Limits::MAX_LOG_BYTES));
    if let Some(timeout) = limits.timeout.or_else(|| manifest.timeout().is_none().then_some(Limits::TIMEOUT))
    {
        builder = builder.timeout(timeout);
    }
    if let Some(pages) =
        limits.max_pages.or_else(|| manifest.memory.max_pages.is_none().then_some(Limits::MAX_PAGES))
    {
        builder = builder.memory_max_pages(pages);
    }
    if let Some(fuel) = limits.fuel {
        builder = builder.fuel(fuel);
    }
    if let Some(bytes) = limits.max_var_bytes {
        builder = builder.max_var_bytes(bytes);
    }
    if let Some(bytes) = limits.max_http_response_bytes {
        builder = builder.max_http_response_bytes(bytes);
    }
    for (key, value) in &grants.config {
        builder = builder.config(key, value);
    }
    for (name, value) in &grants.env {
        builder = builder.env(name, value);
    }
    for host in &grants.allowed_hosts {
        builder = builder.allow_host(host);
    }
    for (host, guest) in &grants.allowed_paths {
        builder = builder.allow_path(host, guest);
    }
    if grants.snapshot {
        builder = builder.snapshot(Snapshot::new());
    }
    builder
}

fn compile(
    name: &str,
    version: &Version,
    grants: &Grants,
    host_functions: &[HostFunction],
) -> plugwright::Result<Compiled> {
    builder(name, version, grants, host_functions).compile().map(Compiled)
}

fn session_key(route: &RouteConfig) -> Result<Option<SessionKey>, Refusal> {
    let session = match (&route.session, route.isolation) {
        (None, Isolation::Shared | Isolation::PerRequest) => return Ok(None),
        (Some(_), Isolation::Shared | Isolation::PerRequest) => {
            return Err((
                "session",
                "means nothing without `isolation = \"session\"`; leave it out".to_owned(),
            ));
        }
        (session, Isolation::Session) => session.clone().unwrap_or_default(),
    };
    if session.max == 0 {
        return Err(("session.max", "at least one session must be allowed".to_owned()));
    }
    match (session.header, session.cookie) {
        (Some(_), Some(_)) => Err(("session.cookie", "there is `header` too; give one of them".to_owned())),
        (Some(header), None) => match HeaderName::from_bytes(header.as_bytes()) {
            Ok(name) => Ok(Some(SessionKey::Header(name))),
            Err(_) => Err(("session.header", format!("`{header}` is not a header's name"))),
        },
        (None, cookie) => {
            let cookie = cookie.unwrap_or_else(|| COOKIE.to_owned());
            let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if cookie.is_empty() || !cookie.bytes().all(is_token) {
                let message =
                    format!("`{cookie}` is not a cookie's name; use letters, digits, `-`, `_` and `.`");
                return Err(("session.cookie", message));
            }
            Ok(Some(SessionKey::Cookie(cookie)))
        }
    }
}

fn no_function(plugin: &str, function: &str, compiled: &plugwright::CompiledPlugin) -> String {
    let names = compiled.exports().iter().map(|export| export.name.as_str());
    let callable: Vec<&str> = names.filter(|name| compiled.function_exists(name)).collect();
    let nearest = callable.iter().map(|name| (strsim::damerau_levenshtein(name, function), name)).min();
    match nearest {
        Some((distance, name)) if distance <= 3 => {
            format!("the plug-in `{plugin}` exports no function `{function}`; did you mean `{name}`?")
        }
        _ => format!(
            "the plug-in `{plugin}` exports no function `{function}`; it exports {}",
            if callable.is_empty() { "none that can be called".to_owned() } else { callable.join(", ") }
        ),
    }
}

/// A name as a path pattern that matches nothing else.
fn literal(name: &str) -> String {
    name.replace('{', "{{").replace('}', "}}")
}
