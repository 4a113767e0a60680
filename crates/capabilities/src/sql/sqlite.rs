//! SQLite: a file for each namespace, and connections that can do nothing outside of it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{OpenSqlError, SqlOptions};
use crate::{Grant, Namespace};

mod database;
mod failures;
mod guard;
mod log;
mod parameters;
mod run;
mod session;
mod text;

pub(super) use database::Database;
pub(super) use session::Sessions;

/// The folder with the files.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    options: SqlOptions,
    /// What has been used, by namespace and whether it is for reading only.
    databases: Mutex<HashMap<(Namespace, bool), Arc<Database>>>,
}

impl Store {
    /// # Errors
    ///
    /// When there can be no such folder.
    pub(super) fn open(folder: &Path, options: SqlOptions) -> Result<Self, OpenSqlError> {
        let wrong = |error| OpenSqlError::Folder { folder: folder.display().to_string(), error };
        fs::create_dir_all(folder).map_err(wrong)?;
        // An absolute path: SQLite takes one that begins with `file:` for a URI.
        let folder = fs::canonicalize(folder).map_err(wrong)?;
        Ok(Self { folder, options, databases: Mutex::default() })
    }

    /// The database of a grant. All grants of a namespace share one.
    pub(super) fn database(&self, grant: &Grant) -> Arc<Database> {
        let mut databases = self.databases.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (grant.namespace().clone(), grant.is_read_only());
        let database = databases.entry(key).or_insert_with(|| {
            let file = self.folder.join(format!("{}.sqlite", grant.namespace()));
            Arc::new(Database::new(file, grant.is_read_only(), self.options.clone()))
        });
        database.clone()
    }
}

/// How often, in instructions of SQLite's machine, a statement is asked whether its time is over: about every 10 µs.
const INSTRUCTIONS_PER_LOOK: std::ffi::c_int = 1000;

/// The longest pause before a lock is tried again.
const LONGEST_PAUSE: Duration = Duration::from_millis(5);
