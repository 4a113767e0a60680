//! One namespace's file, and the connections to it that wait for a call.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::failures::{of_opening, of_statement};
use super::guard::Guard;
use super::session::Sessions;
use super::text;
use super::{INSTRUCTIONS_PER_LOOK, LONGEST_PAUSE};
use crate::patience::{LOOK, Patience};
use crate::sql::{Answer, SqlOptions};

/// The most connections that are kept open while nobody uses them.
const MOST_IDLE: usize = 16;
/// How many calls that are awaited, and have no transaction, keep a thread at a time.
const MOST_THREADS: usize = 32;
/// The size of pages in new files, in bytes: what SQLite uses by default.
const PAGE_BYTES: u64 = 4096;

/// The most bytes of memory that SQLite may use in this process: rows that are sorted have no file of their own. A program that uses SQLite
/// by the same library beside us has the same limit.
const MOST_HEAP_BYTES: u64 = 512 << 20;

/// A file, and connections to it.
#[derive(Debug)]
pub(in crate::sql) struct Database {
    file: PathBuf,
    read_only: bool,
    options: SqlOptions,
    /// Whether the file is known to be there, with its journal as a log.
    is_prepared: AtomicBool,
    idle: Mutex<Vec<Link>>,
    gate: Arc<Semaphore>,
}

/// A connection, and what watches over the statements on it.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) connection: Connection,
    pub(super) guard: Arc<Guard>,
}

impl Database {
    pub(super) fn new(file: PathBuf, read_only: bool, options: SqlOptions) -> Self {
        let gate = Arc::new(Semaphore::new(MOST_THREADS));
        Self { file, read_only, options, is_prepared: AtomicBool::new(false), idle: Mutex::default(), gate }
    }

    /// What bounds the threads that are kept at a time by calls that are awaited. A call with a transaction needs no place: those that have
    /// one may be waiting for its end.
    pub(in crate::sql) fn gate(&self, sessions: &Sessions) -> Option<Arc<Semaphore>> {
        (!sessions.has_begun(self)).then(|| self.gate.clone())
    }

    /// The most time for one operation.
    pub(in crate::sql) fn operation_timeout(&self) -> Duration {
        self.options.operation_timeout
    }

    /// The file.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// The most bytes that it may have.
    pub(super) fn most_bytes(&self) -> u64 {
        self.options.max_database_bytes
    }

    /// Whether plug-ins may only read.
    pub(super) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// A connection, an open one if there is.
    ///
    /// # Errors
    ///
    /// `Internal` when the file cannot be opened.
    pub(super) fn take(&self, patience: &Patience) -> Answer<Link> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(link) => Ok(link),
            None => self.open(patience).map_err(|error| of_opening(&error)),
        }
    }

    /// Takes back a connection that has no transaction.
    pub(super) fn put_back(&self, link: Link) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(link);
        }
    }

    fn open(&self, patience: &Patience) -> rusqlite::Result<Link> {
        if !self.is_prepared.load(Ordering::Acquire) {
            // A connection for reading cannot make the file.
            let connection = Connection::open_with_flags(
                &self.file,
                OpenFlags::SQLITE_OPEN_READ_WRITE
                    | OpenFlags::SQLITE_OPEN_CREATE
                    | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?;
            let mut link = Link { connection, guard: Arc::default() };
            link.limit_time(patience)?;
            let _mode: String =
                link.connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
            self.is_prepared.store(true, Ordering::Release);
        }
        let access =
            if self.read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
        let connection = Connection::open_with_flags(&self.file, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let mut link = Link { connection, guard: Arc::new(Guard::new(self.read_only)) };
        link.limit_time(patience)?;
        self.fence(&mut link.connection)?;
        text::replace_functions(&link.connection, &link.guard)?;
        link.guard.watch(&mut link.connection)?;
        Ok(link)
    }

    /// Shuts what a statement could get out by, or could exhaust the host with.
    fn fence(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let pages = (self.options.max_database_bytes / PAGE_BYTES).clamp(1, u64::from(u32::MAX - 1));
        // An acknowledged transaction survives a crash of the system: `synchronous = FULL`.
        connection.execute_batch(&format!(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA max_page_count = {pages}; \
             PRAGMA journal_size_limit = 4194304; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; \
             PRAGMA recursive_triggers = OFF; PRAGMA temp_store = MEMORY; \
             PRAGMA hard_heap_limit = {MOST_HEAP_BYTES}; PRAGMA query_only = {};",
            if self.read_only { "ON" } else { "OFF" },
        ))?;
        for (what, on) in [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
            // "x" is a column, never a text: a typing error is an error.
            (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        ] {
            connection.set_db_config(what, on)?;
        }
        for (what, most) in [
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
            (Limit::SQLITE_LIMIT_COLUMN, 1000),
            (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
            (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 100),
            (Limit::SQLITE_LIMIT_VDBE_OP, 100_000),
            // Patterns are matched in one instruction, which no clock interrupts.
            (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256),
            (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 20),
        ] {
            connection.set_limit(what, most)?;
        }
        Ok(())
    }
}

impl Link {
    /// Lets what follows run until then, and no longer.
    pub(super) fn limit_time(&mut self, patience: &Patience) -> rusqlite::Result<()> {
        let (running, waiting) = (patience.clone(), patience.clone());
        let mut asked = Instant::now();
        let is_over = move || {
            let now = Instant::now();
            if now.duration_since(asked) < LOOK {
                return now >= running.deadline;
            }
            asked = now;
            running.is_over()
        };
        self.connection.progress_handler(INSTRUCTIONS_PER_LOOK, Some(is_over))?;
        self.connection.busy_handler(Some(move |tries: i32| {
            let left = waiting.time_left();
            let pause = Duration::from_micros(100 << tries.clamp(0, 6)).min(LONGEST_PAUSE).min(left);
            // The thread is one that may be kept, see `call::blocking`.
            std::thread::sleep(pause);
            !waiting.is_over()
        }))
    }

    /// Runs a statement of the host's own.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(super) fn perform(&self, statement: &str) -> Answer<()> {
        let done = self.guard.trusting(|| self.connection.execute_batch(statement));
        done.map_err(|error| of_statement(self, &error))
    }

    /// Bounds the bytes of texts, rows and statements.
    pub(super) fn limit_sizes(&self, bytes: u64) -> rusqlite::Result<()> {
        let bytes = i32::try_from(bytes).unwrap_or(i32::MAX).max(1000);
        self.connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, bytes)?;
        self.connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, bytes)?;
        self.guard.limit_bytes(usize::try_from(bytes).unwrap_or_default());
        Ok(())
    }
}
