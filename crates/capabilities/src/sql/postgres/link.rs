//! A connection that is logged in as a namespace's role.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_postgres::{Client, Statement};

use super::frames::Bound;

/// The most statements that a connection keeps prepared.
const MOST_STATEMENTS: usize = 64;

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
    statements: HashMap<String, Statement>,
    _driver: Driver,
}

impl Link {
    pub(super) fn new(client: Client, driver: Driver, bound: Arc<Bound>, process: i32) -> Self {
        let statements = HashMap::new();
        Self { client, bound, process, has_begun_reading: false, statements, _driver: driver }
    }

    /// The statement, prepared, and whether that was done before.
    pub(super) async fn prepare(&mut self, text: &str) -> Result<(Statement, bool), tokio_postgres::Error> {
        if let Some(statement) = self.statements.get(text) {
            return Ok((statement.clone(), true));
        }
        let statement = self.client.prepare(text).await?;
        if self.statements.len() >= MOST_STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(text.to_owned(), statement.clone());
        Ok((statement, false))
    }

    /// Forgets a statement, which may not be what it was.
    pub(super) fn forget(&mut self, text: &str) {
        self.statements.remove(text);
    }
}
