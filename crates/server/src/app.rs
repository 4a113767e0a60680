//! What the listeners of a server share, and how what is served changes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use arc_swap::ArcSwap;
use plugwright::HostFunction;
use plugwright_capabilities::Registry;
use tokio::sync::{Mutex, watch};

use crate::config::{Config, ConfigError};
use crate::lane::Lanes;
use crate::metrics::Metrics;
use crate::plugins::Plugins;
use crate::recent::Recent;
use crate::remote::Remote;
use crate::site::{Route, Site, Surroundings};
use crate::tls::Tls;
use crate::watching::Files;

pub(crate) struct App {
    /// What requests find. Taken without a lock.
    pub(crate) site: ArcSwap<Site>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) recent: Recent,
    pub(crate) lanes: Lanes,
    #[cfg(feature = "triggers")]
    pub(crate) triggers: crate::triggers::RunningTriggers,
    pub(crate) host_functions: Arc<[HostFunction]>,
    /// What connections at the public address are encrypted with, if they are.
    pub(crate) tls: Option<Arc<Tls>>,
    remote: Option<Arc<dyn Remote>>,
    /// The stores that are open.
    pub(crate) registry: Registry,
    /// What was configured at the start: listeners and limits of connections keep to it.
    pub(crate) config: Config,
    /// Held while what is served changes, so that changes come one after the other.
    served: Mutex<Served>,
    /// The files to watch, whenever they change.
    pub(crate) files: watch::Sender<Files>,
}

/// What the site was made from.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    pub(crate) config: Config,
    pub(crate) plugins: Plugins,
}

/// Why what is served did not change.
#[derive(Debug)]
pub(crate) enum Refused {
    /// What was asked for cannot be.
    Change(ChangeError),
    /// The result cannot be served.
    Config(ConfigError),
}

/// What a change is refused for before anything is compiled.
#[derive(Debug)]
pub(crate) enum ChangeError {
    NotFound(String),
    Invalid(String),
}

impl From<ConfigError> for Refused {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Change(ChangeError::NotFound(message) | ChangeError::Invalid(message)) => {
                f.write_str(message)
            }
            Self::Config(error) => error.fmt(f),
        }
    }
}

impl App {
    /// Reads and compiles everything that is configured. This blocks the thread.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration.
    pub(crate) fn build(
        config: Config,
        host_functions: Vec<HostFunction>,
        remote: Option<Arc<dyn Remote>>,
    ) -> Result<Self, ConfigError> {
        let lanes = Lanes::start()
            .map_err(|error| ConfigError::new(format!("the system refuses threads for calls: {error}")))?;
        let tls = Tls::of(&config)?.map(Arc::new);
        let metrics = Arc::new(Metrics::new());
        let plugins = Plugins::default().updated(&config)?;
        let previous = Site::default();
        let registry = Registry::default();
        plugins.open_stores(&config, &registry)?;
        let surroundings = Surroundings {
            host_functions: &host_functions,
            registry: &registry,
            metrics: &metrics,
            previous: &previous,
            remote: remote.as_ref(),
        };
        let site = Site::build(&config, &plugins, &surroundings)?;
        let served = Served { config: config.clone(), plugins };
        let (files, _) = watch::channel(watched(&served, tls.as_deref()));
        Ok(Self {
            site: ArcSwap::from_pointee(site),
            metrics,
            recent: Recent::default(),
            lanes,
            #[cfg(feature = "triggers")]
            triggers: crate::triggers::RunningTriggers::default(),
            host_functions: host_functions.into(),
            tls,
            remote,
            registry,
            config,
            served: Mutex::new(served),
            files,
        })
    }

    /// Reads configuration, plug-ins, certificates and all again, and serves what has changed. If anything is wrong, nothing changes.
    pub(crate) async fn reload(self: &Arc<Self>) -> Result<(), Refused> {
        let tls = self.tls.clone();
        let renewed = self.change(move |served| {
            if let Some(file) = &served.config.file {
                let read = Config::from_file(&file.path)?;
                served.config = read;
            }
            served.plugins = served.plugins.updated(&served.config)?;
            let renewed = tls.map(|tls| Ok::<_, ConfigError>((tls.read(&served.config)?, tls)));
            Ok(renewed.transpose()?)
        });
        if let Some((renewed, tls)) = renewed.await? {
            tls.renew(renewed);
        }
        Ok(())
    }

    /// Changes what is served: on a copy, which takes the place of what is served once all of it is compiled and checked.
    /// Calls that run finish on what they began on. Whoever asked for the change tells of one that is refused.
    pub(crate) async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Served) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let app = self.clone();
        let mut served = self.served.lock().await;
        let mut changed = served.clone();
        // Files are read and code is compiled: not on a thread that serves connections.
        let task = tokio::task::spawn_blocking(move || {
            let value = change(&mut changed)?;
            let previous = app.site.load_full();
            changed.plugins.open_stores(&changed.config, &app.registry)?;
            let surroundings = Surroundings {
                host_functions: &app.host_functions,
                registry: &app.registry,
                metrics: &app.metrics,
                previous: &previous,
                remote: app.remote.as_ref(),
            };
            let site = Site::build(&changed.config, &changed.plugins, &surroundings)?;
            Ok((changed, site, value))
        });
        let outcome = task.await.unwrap_or_else(|panic| {
            Err(Refused::Config(ConfigError::new(format!("the change could not be made: {panic}"))))
        });
        match outcome {
            Ok((changed, site, value)) => {
                self.forget_unserved(&site, &changed);
                let granted =
                    changed.plugins.iter().map(|(name, entry)| (name.as_str(), &entry.capabilities));
                self.registry.retain(granted);
                self.site.store(Arc::new(site));
                self.files.send_replace(watched(&changed, self.tls.as_deref()));
                #[cfg(feature = "triggers")]
                self.triggers.update(self, &changed.config);
                *served = changed;
                self.metrics.reloads.fetch_add(1, Ordering::Relaxed);
                Ok(value)
            }
            Err(refused) => {
                self.metrics.refused_reloads.fetch_add(1, Ordering::Relaxed);
                Err(refused)
            }
        }
    }

    /// What the site was made from, as it is now.
    pub(crate) async fn served(&self) -> Served {
        self.served.lock().await.clone()
    }

    fn forget_unserved(&self, site: &Site, served: &Served) {
        self.metrics.retain(
            |key| {
                let is_it = |route: &Arc<Route>| {
                    route.pattern == key.path
                        && route.plugin == key.plugin
                        && *route.function == *key.function
                };
                site.routes.iter().any(is_it)
            },
            |name| served.plugins.get(name).is_some(),
        );
    }
}

fn watched(served: &Served, tls: Option<&Tls>) -> Files {
    let config = &served.config;
    let mut files = served.plugins.files(config);
    files.extend(config.file.as_ref().map(|file| file.path.clone()));
    files.extend(tls.into_iter().flat_map(Tls::files));
    Files { files, folder: config.folder.as_ref().map(|folder| config.resolve(folder)) }
}
