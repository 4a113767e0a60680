//! SQL: statements with parameters, and transactions that end with the call.
//!
//! A [`SqlStore`] is SQLite in a folder, or a PostgreSQL server. What a plug-in gets of it, a [`Sql`], is one namespace: a database file of
//! its own, or a schema of its own with a role that may do nothing outside of it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plugwright::{Capability, HostFunction};

#[cfg(feature = "postgres")]
use crate::Secret;
use crate::config::{Backend, FieldError, StoreConfig};
use crate::opened::Lend;
use crate::{Failure, Grant};

mod functions;
#[cfg(feature = "postgres")]
mod postgres;
mod request;
mod rows;
mod sqlite;
mod transaction;
mod value;

/// How databases are opened and used, whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqlOptions {
    /// The most time for one operation, where the call's deadline is not earlier: 5 s by default.
    pub operation_timeout: Duration,
    /// The most bytes of a namespace's database in SQLite: 1 GiB by default. PostgreSQL has no such limit.
    pub max_database_bytes: u64,
    /// The most connections to PostgreSQL for each namespace: 8 by default. A call holds one from its first statement to its end.
    pub max_connections: usize,
}

impl Default for SqlOptions {
    fn default() -> Self {
        Self { operation_timeout: Duration::from_secs(5), max_database_bytes: 1 << 30, max_connections: 8 }
    }
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenSqlError {
    /// The folder for the databases cannot be made or read.
    #[error("the folder {folder} cannot have databases: {error}")]
    Folder {
        /// The folder.
        folder: String,
        /// Why.
        error: std::io::Error,
    },
    /// The URL of the server is not one of PostgreSQL. The URL itself is not shown: it may have a password.
    #[error("the URL of the database is not valid: {0}; use postgres://user:password@host:port/database")]
    Url(String),
}

/// Where databases are. Clones share what is open.
#[derive(Clone)]
pub struct SqlStore(Opened);

#[derive(Clone)]
enum Opened {
    Sqlite(Arc<sqlite::Store>),
    #[cfg(feature = "postgres")]
    Postgres(Arc<postgres::Store>),
}

impl SqlStore {
    /// SQLite, with a file for each namespace in this folder, which is made if need be. Files are opened when they are used.
    ///
    /// # Errors
    ///
    /// When there can be no such folder.
    pub fn sqlite(folder: impl AsRef<Path>, options: SqlOptions) -> Result<Self, OpenSqlError> {
        Ok(Self(Opened::Sqlite(Arc::new(sqlite::Store::open(folder.as_ref(), options)?))))
    }

    /// A PostgreSQL server, with a schema and two roles for each namespace. They are made when they are first used, by the account of
    /// the URL: it must be allowed to make roles and schemas (`CREATEROLE`, and `CREATE` on the database), and plug-ins never use it.
    /// Nothing is connected yet. A password apart from the URL takes the place of the URL's.
    ///
    /// # Errors
    ///
    /// When the URL is not one of PostgreSQL, over TCP.
    #[cfg(feature = "postgres")]
    pub fn postgres(
        url: &Secret,
        password: Option<&Secret>,
        options: SqlOptions,
    ) -> Result<Self, OpenSqlError> {
        Ok(Self(Opened::Postgres(Arc::new(postgres::Store::new(url, password, options)?))))
    }

    /// Opens a store that was configured. The path of one in SQLite is the folder for its files.
    pub(crate) fn configured(config: &StoreConfig) -> Result<Self, FieldError> {
        let SqlOptions { max_database_bytes, max_connections, .. } = SqlOptions::default();
        let options = SqlOptions {
            operation_timeout: config.timeout(),
            max_database_bytes: config.max_database_bytes.unwrap_or(max_database_bytes),
            max_connections: config.max_connections.unwrap_or(max_connections),
        };
        match config.backend {
            Backend::Sqlite => {
                let folder = config.path.as_deref().unwrap_or(Path::new(""));
                Self::sqlite(folder, options).map_err(|error| FieldError::new("path", error.to_string()))
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres => {
                let store = Self::postgres(&config.address()?, None, options);
                store.map_err(|error| FieldError::new(config.server().address_field(), error.to_string()))
            }
            other => Err(FieldError::new("backend", format!("`{other}` is no database"))),
        }
    }

    /// What a plug-in with this grant gets of it.
    pub fn granted(&self, grant: Grant) -> Sql {
        Sql { store: self.clone(), grant }
    }
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Opened::Sqlite(_) => "SqlStore(SQLite)",
            #[cfg(feature = "postgres")]
            Opened::Postgres(_) => "SqlStore(PostgreSQL)",
        })
    }
}

impl Lend for SqlStore {
    fn lend(&self, grant: Grant) -> Vec<HostFunction> {
        self.granted(grant).host_functions()
    }
}

/// A database for plug-ins: the functions `sql_query`, `sql_execute`, `sql_begin`, `sql_commit` and `sql_rollback`.
///
/// ```no_run
/// use plugwright::Plugin;
/// use plugwright_capabilities::sql::Sql;
///
/// let plugin = Plugin::builder(std::fs::read("todo.wasm")?).with(Sql::open("data")?).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sql {
    store: SqlStore,
    grant: Grant,
}

impl Sql {
    /// SQLite in this folder, with the default options and grant.
    ///
    /// # Errors
    ///
    /// Like [`SqlStore::sqlite`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, OpenSqlError> {
        Ok(SqlStore::sqlite(folder, SqlOptions::default())?.granted(Grant::default()))
    }

    /// A PostgreSQL server, with the default options and grant.
    ///
    /// # Errors
    ///
    /// Like [`SqlStore::postgres`].
    #[cfg(feature = "postgres")]
    pub fn postgres(url: &str) -> Result<Self, OpenSqlError> {
        Ok(SqlStore::postgres(&Secret::new(url), None, SqlOptions::default())?.granted(Grant::default()))
    }

    /// The same with another grant.
    pub fn granted(self, grant: Grant) -> Self {
        Self { grant, ..self }
    }
}

impl Capability for Sql {
    fn host_functions(&self) -> Vec<HostFunction> {
        match &self.store.0 {
            Opened::Sqlite(store) => functions::of_sqlite(&store.database(&self.grant), &self.grant),
            #[cfg(feature = "postgres")]
            Opened::Postgres(store) => functions::of_postgres(&store.database(&self.grant), &self.grant),
        }
    }
}

/// What became of something that was asked of a database.
type Answer<T> = Result<T, Failure>;
