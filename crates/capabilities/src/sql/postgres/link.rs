//! A connection that is logged in as a namespace's role.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Statement};

use super::failures;
use super::frames::Bound;
use crate::sql::Answer;

/// The most statements that a connection keeps prepared.
const MOST_STATEMENTS: usize = 64;
/// The most bytes of those: their texts, and what the server has said of them.
const MOST_KEPT: u64 = 1 << 20;
/// The most bytes of one that is kept.
const MOST_EACH: u64 = MOST_KEPT / 4;

/// How the transaction begins that keeps a plug-in from writing. The query makes that final: nobody can make it writable afterwards.
const BEGIN_READING: &str = "BEGIN READ ONLY; SELECT 1";

/// What moves a connection's bytes. The connection ends with it.
#[derive(Debug)]
pub(super) struct Driver(JoinHandle<()>);

impl Driver {
    pub(super) fn new(task: JoinHandle<()>) -> Self {
        Self(task)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A connection with what is known of it.
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) bound: Arc<Bound>,
    /// The process of the server that serves it.
    pub(super) process: i32,
    /// Whether a transaction for reading has begun that keeps single statements from writing.
    pub(super) has_begun_reading: bool,
    /// What this connection has prepared, by its text.
    statements: HashMap<String, Statement>,
    /// The bytes of those.
    kept: u64,
    /// Whether the server has forgotten what this connection has prepared.
    has_lost_statements: bool,
    _driver: Driver,
}

impl Link {
    pub(super) fn new(client: Client, driver: Driver, bound: Arc<Bound>, process: i32) -> Self {
        Self {
            client,
            bound,
            process,
            has_begun_reading: false,
            statements: HashMap::new(),
            kept: 0,
            has_lost_statements: false,
            _driver: driver,
        }
    }

    /// Whether nothing can be done with it any more.
    pub(super) fn is_useless(&self) -> bool {
        self.has_lost_statements || self.client.is_closed()
    }

    /// How many statements are kept prepared.
    pub(super) fn statements(&self) -> usize {
        self.statements.len()
    }

    /// The statement, prepared, and whether that was done before.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(super) async fn prepare(&mut self, text: &str) -> Answer<(Statement, bool)> {
        if let Some(statement) = self.statements.get(text) {
            return Ok((statement.clone(), true));
        }
        self.bound.begin_preparing();
        let prepared = self.client.prepare(text).await;
        let cost = self.bound.end_preparing().saturating_add(text.len() as u64);
        // A plug-in can make types without end, and nested ones, and the client would keep all that it has seen.
        self.client.clear_type_cache();
        let statement = prepared.map_err(|error| {
            // The text has no such name, so that it is a statement by which the client asks for types.
            self.has_lost_statements = error.code() == Some(&SqlState::INVALID_SQL_STATEMENT_NAME);
            failures::of_preparing(&error, &self.bound)
        })?;
        if cost <= MOST_EACH {
            if self.statements.len() >= MOST_STATEMENTS || self.kept + cost > MOST_KEPT {
                self.statements.clear();
                self.kept = 0;
            }
            self.statements.insert(text.to_owned(), statement.clone());
            self.kept += cost;
        }
        Ok((statement, false))
    }

    /// Forgets a statement, which may not be what it was.
    pub(super) fn forget(&mut self, text: &str) {
        // What it had cost is counted until all are forgotten.
        self.statements.remove(text);
    }

    /// Begins the transaction that keeps a plug-in from writing, unless it has begun.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(super) async fn begin_reading(&mut self) -> Answer<()> {
        if !self.has_begun_reading {
            self.perform(BEGIN_READING).await?;
            self.has_begun_reading = true;
        }
        Ok(())
    }

    /// Runs statements of the host's own.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(super) async fn perform(&self, statements: &str) -> Answer<()> {
        let done = self.client.batch_execute(statements).await;
        done.map_err(|error| failures::of(&error, Some(&self.bound)))
    }
}
