//! One namespace's schema, and the connections to it that wait for a call.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_postgres::Config;

use super::failures;
use super::frames::Bound;
use super::lease::Lease;
use super::link::Link;
use super::names::Names;
use super::provision::{inspect, provision};
use super::server::{ConnectError, Server};
use crate::sql::{Answer, SqlOptions};
use crate::{Code, Failure};

/// What the server waits longer than the host does: it is for hosts that have died.
const SERVER_MARGIN: Duration = Duration::from_secs(1);

/// A schema, and connections that are logged in as one of its roles.
#[derive(Debug)]
pub(in crate::sql) struct Database {
    pub(super) server: Arc<Server>,
    names: Names,
    config: Config,
    read_only: bool,
    options: SqlOptions,
    idle: Mutex<Vec<Link>>,
    places: Arc<Semaphore>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("process", &self.process).finish_non_exhaustive()
    }
}

impl Database {
    pub(super) fn new(server: Arc<Server>, names: Names, read_only: bool, options: SqlOptions) -> Self {
        let role = if read_only { &names.reader } else { &names.writer };
        // The server refuses more milliseconds than these.
        let longest = options.operation_timeout.saturating_add(SERVER_MARGIN).as_millis();
        let longest = i32::try_from(longest).unwrap_or(i32::MAX);
        // What a session is reset to: a role's own settings (`ALTER ROLE … SET`) come before these, so that these win.
        let settings = format!(
            "-c search_path=\"{}\" -c statement_timeout={longest} -c idle_in_transaction_session_timeout=60000 \
             -c default_transaction_read_only={}",
            names.schema,
            if read_only { "on" } else { "off" },
        );
        let config = server.role(role, &settings);
        let places = Arc::new(Semaphore::new(options.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
        Self { server, names, config, read_only, options, idle: Mutex::default(), places }
    }

    /// The most time for one operation.
    pub(in crate::sql) fn operation_timeout(&self) -> Duration {
        self.options.operation_timeout
    }

    /// Whether plug-ins may only read.
    pub(super) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// A connection for a call, an open one if there is. It waits while the calls have as many as they may.
    ///
    /// # Errors
    ///
    /// `Unavailable`, or `Internal` when the server is not set up for it.
    pub(super) async fn take(self: &Arc<Self>) -> Answer<Lease> {
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(|_| Failure::new(Code::Internal, "the database is being closed"))?;
        let link = match self.pop() {
            Some(link) => link,
            None => self.open().await?,
        };
        Ok(Lease::new(self.clone(), link, place))
    }

    fn pop(&self) -> Option<Link> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that the server has closed are dropped.
        idle.retain(|link| !link.client.is_closed());
        idle.pop()
    }

    /// Takes back a connection that is as good as new.
    pub(super) fn put_back(&self, link: Link) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(link);
    }

    async fn open(&self) -> Answer<Link> {
        if let Some(link) = self.enter().await? {
            return Ok(link);
        }
        provision(&self.server, &self.names).await?;
        self.enter().await?.ok_or_else(|| {
            Failure::new(
                Code::Internal,
                "the database refuses the plug-in's role: the server must let roles log in by password (pg_hba.conf)",
            )
        })
    }

    /// A new connection; none when there is no such role, or no schema for it.
    pub(super) async fn enter(&self) -> Answer<Option<Link>> {
        let bound = Arc::new(Bound::default());
        let (client, driver) = match self.server.connect(&self.config, bound.clone()).await {
            Ok(connected) => connected,
            Err(ConnectError::Server(error)) if error.as_db_error().is_some_and(failures::is_refusal) => {
                return Ok(None);
            }
            Err(error) => return Err(failures::of_connecting(&error)),
        };
        let inspection = inspect(&client, &self.names, self.read_only).await?;
        Ok(inspection.is_at_home.then(|| Link::new(client, driver, bound, inspection.process)))
    }
}
