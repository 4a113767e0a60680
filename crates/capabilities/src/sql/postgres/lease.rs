//! A connection that a call holds, and what becomes of it afterwards.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_postgres::SimpleQueryMessage;

use super::database::Database;
use super::failures;
use super::link::Link;
use super::task::Task;
use crate::servers;
use crate::sql::Answer;

/// The most time for bringing a connection back to what it was, or for a cancelled statement to end.
const PATIENCE: Duration = Duration::from_secs(2);

/// Brings a session back to what it was: what `DISCARD ALL` does, but for statements that are prepared. The last line finds out how many
/// the plug-in has prepared, and how many there are of the host's.
const RESET: &str = "ROLLBACK; CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; \
     SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD PLANS; DISCARD TEMP; DISCARD SEQUENCES; \
     SELECT pg_catalog.count(*) FILTER (WHERE from_sql), pg_catalog.count(*) FILTER (WHERE NOT from_sql) \
     FROM pg_catalog.pg_prepared_statements";

/// A connection that a call holds from its first statement on.
pub(super) struct Lease {
    database: Arc<Database>,
    /// There until the lease ends.
    link: Option<Link>,
    /// One of the places for connections, free again when the connection is.
    place: Option<OwnedSemaphorePermit>,
    /// Whether the server may still be at work on a statement that nobody waits for any more.
    is_busy: bool,
}

impl Lease {
    pub(super) fn new(database: Arc<Database>, link: Link, place: OwnedSemaphorePermit) -> Self {
        Self { database, link: Some(link), place: Some(place), is_busy: false }
    }

    /// Whether the connection is of no use any more.
    pub(super) fn is_spent(&self) -> bool {
        self.is_busy || self.link.as_ref().is_none_or(Link::is_useless)
    }

    /// Runs a statement, and returns the reply. When this is dropped half-way, or leaves rows unread, the lease is spent.
    pub(super) async fn run(&mut self, task: Task<'_>) -> Answer<Vec<u8>> {
        let Some(link) = &mut self.link else { return Err(failures::unavailable()) };
        self.is_busy = true;
        let mut has_unread_rows = false;
        let answer = task.run(link, &mut has_unread_rows).await;
        self.is_busy = has_unread_rows;
        answer
    }

    /// Begins a transaction.
    pub(super) async fn begin(&mut self) -> Answer<()> {
        let Some(link) = &mut self.link else { return Err(failures::unavailable()) };
        self.is_busy = true;
        let answer = match self.database.is_read_only() {
            true => link.begin_reading().await,
            false => link.perform("BEGIN").await,
        };
        self.is_busy = false;
        answer
    }

    /// Ends a transaction, by `COMMIT` or `ROLLBACK`.
    pub(super) async fn end(&mut self, statement: &str) -> Answer<()> {
        let Some(link) = &mut self.link else { return Err(failures::unavailable()) };
        self.is_busy = true;
        link.has_begun_reading = false;
        let answer = link.perform(statement).await;
        self.is_busy = false;
        answer
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (Some(link), Some(place)) = (self.link.take(), self.place.take()) else { return };
        // Without the runtime there is no connection either.
        let Ok(runtime) = servers::runtime() else { return };
        let (database, is_busy) = (self.database.clone(), self.is_busy);
        runtime.spawn(async move {
            if is_busy {
                abandon(&database, link).await;
            } else if let Some(link) = renew(link).await {
                database.put_back(link);
            }
            drop(place);
        });
    }
}

/// Makes a connection as good as new; none if that cannot be done.
async fn renew(mut link: Link) -> Option<Link> {
    if link.is_useless() {
        return None;
    }
    link.has_begun_reading = false;
    let messages = timeout(PATIENCE, link.client.simple_query(RESET)).await.ok()?.ok()?;
    let counts = messages.iter().rev().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    })?;
    let count = |column: usize| counts.get(column)?.parse::<usize>().ok();
    // A plug-in may have removed the host's statements. Besides those that are kept there are the client's own.
    (count(0)? == 0 && count(1)? >= link.statements()).then_some(link)
}

/// Ends a connection whose statement nobody waits for any more, and the statement with it, whatever it does against that.
async fn abandon(database: &Database, link: Link) {
    // The connection for this may fail: then the server is gone, or ends the statement by its own clock.
    let asked = timeout(PATIENCE, database.server.cancel(link.client.cancel_token())).await;
    if matches!(asked, Ok(Ok(()))) && timeout(PATIENCE, link.client.check_connection()).await.is_ok() {
        return;
    }
    // A block of PL/pgSQL can go on after it was cancelled. Nothing survives this; a role may do it to its own.
    let terminated = timeout(PATIENCE, async {
        let other = database.enter().await.ok().flatten()?;
        let statement = format!("SELECT pg_catalog.pg_terminate_backend({})", link.process);
        other.client.batch_execute(&statement).await.ok()
    });
    // When this fails as well, the server's own limit of time is what is left.
    drop(terminated.await);
}
