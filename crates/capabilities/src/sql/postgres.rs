//! PostgreSQL: a schema for each namespace, and roles that may do nothing outside of it.
//!
//! A statement of a plug-in can be any, and what it may do is for the server to decide, not for a reader of SQL. So a plug-in's
//! connections are logged in as a role of the namespace's own (`SET ROLE` in a connection of somebody else could be undone by a
//! statement). The account that the host was given makes the roles and is never a plug-in's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{OpenSqlError, SqlOptions};
use crate::{Grant, Namespace, Secret};

mod cells;
mod database;
mod failures;
mod frames;
mod lease;
mod link;
mod names;
mod parameters;
mod provision;
mod server;
mod session;
mod task;
mod text;
mod tls;

pub(super) use database::Database;
pub(super) use session::Sessions;

use names::Names;
use server::Server;

/// A server, and the databases of namespaces on it.
#[derive(Debug)]
pub(super) struct Store {
    server: Arc<Server>,
    options: SqlOptions,
    /// What has been used, by namespace and whether it is for reading only.
    databases: Mutex<HashMap<(Namespace, bool), Arc<Database>>>,
}

impl Store {
    /// # Errors
    ///
    /// When the URL is not one of PostgreSQL.
    pub(super) fn new(
        url: &Secret,
        password: Option<&Secret>,
        options: SqlOptions,
    ) -> Result<Self, OpenSqlError> {
        let server = Server::new(url, password).map_err(OpenSqlError::Url)?;
        Ok(Self { server: Arc::new(server), options, databases: Mutex::default() })
    }

    /// The database of a grant. All grants of a namespace share one.
    pub(super) fn database(&self, grant: &Grant) -> Arc<Database> {
        let mut databases = self.databases.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (grant.namespace().clone(), grant.is_read_only());
        let database = databases.entry(key).or_insert_with(|| {
            let names = Names::of(grant.namespace());
            Arc::new(Database::new(self.server.clone(), names, grant.is_read_only(), self.options.clone()))
        });
        database.clone()
    }
}
