//! The server: started, running, stopped.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use plugwright::HostFunction;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::admin::{Admin, Token};
use crate::app::App;
use crate::config::{Config, ConfigError};
use crate::connection::{Answer, Answered, Protocols, Terms};
use crate::remote::Remote;
use crate::service::{self, Client};
use crate::{listener, sweeping, watching};

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration is not valid, or a plug-in that it names is not.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {reason}; choose another address or port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        reason: io::Error,
    },
}

/// Plug-ins behind HTTP, compiled and listening.
///
/// Made and run in a multi-threaded tokio runtime, whose threads serve the connections. Calls run there too as long as they are
/// short; see the user guide about the others.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    admin: Option<(TcpListener, Token)>,
    stop: watch::Sender<bool>,
}

/// Stops and reloads a server from elsewhere. It may be cloned.
#[derive(Clone)]
pub struct ServerHandle {
    app: Arc<App>,
    stop: watch::Sender<bool>,
}

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped {
    /// Connections that were cut, with the calls on them, because they did not end in time.
    pub cut: usize,
    /// Triggers that were cut because what they had begun did not end in time. Their messages are not acknowledged.
    pub cut_triggers: usize,
}

impl Server {
    /// Reads and compiles everything that is configured, and listens. Connections wait until [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// When anything of the configuration is wrong, or an address is taken.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        Self::start_with(config, Vec::new()).await
    }

    /// Like [`start`](Self::start), lending all plug-ins these host functions.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn start_with(config: Config, host_functions: Vec<HostFunction>) -> Result<Self, StartError> {
        Self::start_with_remote(config, host_functions, None).await
    }

    /// Like [`start_with`](Self::start_with), with somebody who makes the calls of plug-ins `nats:<name>`, which run elsewhere.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn start_with_remote(
        config: Config,
        host_functions: Vec<HostFunction>,
        remote: Option<Arc<dyn Remote>>,
    ) -> Result<Self, StartError> {
        let task = tokio::task::spawn_blocking(move || {
            let token = config.admin.as_ref().map(|admin| Token::of(&config, admin)).transpose()?;
            Ok::<_, ConfigError>((token, App::build(config, host_functions, remote)?))
        });
        let (token, app) = match task.await {
            Ok(built) => built?,
            Err(panic) => return Err(ConfigError::new(format!("the server cannot start: {panic}")).into()),
        };
        let listener = bind(app.config.listen).await?;
        let admin = match (&app.config.admin, token) {
            (Some(admin), Some(token)) => Some((bind(admin.listen).await?, token)),
            _ => None,
        };
        let (stop, _) = watch::channel(false);
        Ok(Self { app: Arc::new(app), listener, admin, stop })
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where it listens to operators, if it does.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn admin_addr(&self) -> io::Result<Option<SocketAddr>> {
        self.admin.as_ref().map(|(listener, _)| listener.local_addr()).transpose()
    }

    /// What is served, a line for each route: methods, path, plug-in and function.
    pub fn routes(&self) -> Vec<String> {
        let site = self.app.site.load();
        let line = |route: &Arc<crate::site::Route>| {
            format!("{} {} -> {}.{}", route.methods, route.pattern, route.plugin, route.function)
        };
        site.routes.iter().map(line).collect()
    }

    /// A handle to stop and reload it.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle { app: self.app.clone(), stop: self.stop.clone() }
    }

    /// Serves until [`ServerHandle::stop`]. Then it accepts nothing more, and finishes the calls that run, as far as they end in
    /// [`Config::shutdown_timeout`].
    pub async fn run(self) -> Stopped {
        let Self { app, listener, admin, stop } = self;
        let patience = app.config.shutdown_timeout;
        let http = Protocols::new(&app.config.http);
        let _background = Background(vec![
            tokio::spawn(sweeping::sweep(app.clone(), sweeping::PERIOD)),
            tokio::spawn(watching::watch(app.clone(), app.config.watch)),
        ]);
        let public = Terms {
            app: app.clone(),
            tls: app.tls.clone(),
            answer: Public(app.clone()),
            http: http.clone(),
            stopping: stop.subscribe(),
        };
        let public = listener::accept(listener, Arc::new(public), stop.subscribe(), patience);
        let triggers = triggers(app.clone(), stop.subscribe(), patience);
        let Some((listener, token)) = admin else {
            let (cut, cut_triggers) = tokio::join!(public, triggers);
            return Stopped { cut, cut_triggers };
        };
        let terms = Terms {
            app: app.clone(),
            tls: None,
            answer: Admin::new(app, token),
            http,
            stopping: stop.subscribe(),
        };
        let admin = listener::accept(listener, Arc::new(terms), stop.subscribe(), patience);
        let (cut, _, cut_triggers) = tokio::join!(public, admin, triggers);
        Stopped { cut, cut_triggers }
    }
}

impl ServerHandle {
    /// Stops the server: [`Server::run`] returns when all is over.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Reads the configuration's file, certificates and plug-ins again, and serves what has changed. Calls that run finish on what
    /// they began on. If anything is wrong, nothing changes.
    ///
    /// What is served and by which plug-ins changes; addresses and limits of connections are those of the start.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub async fn reload(&self) -> Result<(), ConfigError> {
        self.app.reload().await.map_err(|refused| match refused {
            crate::app::Refused::Config(error) => error,
            other => ConfigError::new(other.to_string()),
        })
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("listener", &self.listener).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerHandle").finish_non_exhaustive()
    }
}

/// Answers at the public address.
#[derive(Clone)]
struct Public(Arc<App>);

impl Answer for Public {
    fn answer(&self, client: Client, request: Request<Incoming>) -> Answered {
        Box::pin(service::answer(self.0.clone(), client, request))
    }
}

/// Runs the triggers until the server stops; the number of those that were cut.
async fn triggers(app: Arc<App>, mut stop: watch::Receiver<bool>, patience: Duration) -> usize {
    #[cfg(feature = "triggers")]
    {
        let served = app.served().await;
        app.triggers.start(&app, &served.config);
        // Without a sender the server is over as well.
        let _ = stop.wait_for(|stop| *stop).await;
        app.triggers.stop(patience).await
    }
    #[cfg(not(feature = "triggers"))]
    {
        let _ = (app, &mut stop, patience);
        0
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    listener::bind(address).await.map_err(|reason| StartError::Listen { address, reason })
}

/// Tasks that end with the server.
struct Background(Vec<tokio::task::JoinHandle<()>>);

impl Drop for Background {
    fn drop(&mut self) {
        self.0.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
