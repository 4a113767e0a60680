//! A connection that a call holds, and what becomes of it afterwards.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{SimpleQueryMessage, Statement};

use super::database::Database;
use super::link::Link;
use super::{failures, parameters};
use crate::servers;
use crate::sql::Answer;
use crate::sql::request::{Purpose, Request};
use crate::sql::rows::{Rows, affected};
use crate::sql::value::Cell;

/// The most time for bringing a connection back to what it was, or for a cancelled statement to end.
const PATIENCE: Duration = Duration::from_secs(2);

/// Brings a session back to what it was: what `DISCARD ALL` does, but for statements that are prepared. The last line finds out whether
/// the plug-in has prepared any.
const RESET: &str = "ROLLBACK; CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; \
     SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD PLANS; DISCARD TEMP; DISCARD SEQUENCES; \
     SELECT name FROM pg_catalog.pg_prepared_statements WHERE from_sql";

/// How the transaction begins that keeps a plug-in from writing. The query makes that final: nobody can make it writable afterwards.
const BEGIN_READING: &str = "BEGIN READ ONLY; SELECT 1";

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
        self.is_busy || self.link.as_ref().is_none_or(|link| link.client.is_closed())
    }

    /// Runs a statement, and returns the reply. When this is dropped half-way, or leaves rows unread, the lease is spent.
    pub(super) async fn run(&mut self, request: &Request, purpose: Purpose, limit: u64) -> Answer<Vec<u8>> {
        let Some(link) = &mut self.link else { return Err(failures::unavailable()) };
        self.is_busy = true;
        let mut has_unread_rows = false;
        let answer = run(link, &self.database, request, purpose, limit, &mut has_unread_rows).await;
        self.is_busy = has_unread_rows;
        answer
    }

    /// Begins a transaction.
    pub(super) async fn begin(&mut self) -> Answer<()> {
        let Some(link) = &mut self.link else { return Err(failures::unavailable()) };
        self.is_busy = true;
        let answer = if self.database.is_read_only() {
            begin_reading(link, &self.database).await
        } else {
            perform(link, "BEGIN").await
        };
        self.is_busy = false;
        answer
    }

    /// Ends a transaction, by `COMMIT` or `ROLLBACK`.
    pub(super) async fn end(&mut self, statement: &str) -> Answer<()> {
        let Some(link) = &mut self.link else { return Err(failures::unavailable()) };
        self.is_busy = true;
        link.has_begun_reading = false;
        let answer = perform(link, statement).await;
        self.is_busy = false;
        answer
    }
}

/// Why a statement gave no reply.
enum Wrong {
    Server(tokio_postgres::Error),
    Reply(crate::Failure),
}

impl From<tokio_postgres::Error> for Wrong {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
}

/// Whether a statement that was prepared before is not valid any more.
fn is_outdated(error: &tokio_postgres::Error) -> bool {
    let outdated = [SqlState::FEATURE_NOT_SUPPORTED, SqlState::INVALID_SQL_STATEMENT_NAME];
    error.code().is_some_and(|code| outdated.contains(code))
}

async fn run(
    link: &mut Link,
    database: &Database,
    request: &Request,
    purpose: Purpose,
    limit: u64,
    has_unread_rows: &mut bool,
) -> Answer<Vec<u8>> {
    link.bound.set(limit);
    begin_reading(link, database).await?;
    loop {
        let prepared = link.prepare(&request.statement).await;
        let (statement, is_old) = prepared.map_err(|error| failures::of(&error, Some(&link.bound)))?;
        parameters::check_count(&statement, &request.params)?;
        let answer = match purpose {
            Purpose::Query => query(link, &statement, request, limit, has_unread_rows).await,
            Purpose::Execute => execute(link, &statement, request).await,
        };
        match answer {
            Ok(reply) => return Ok(reply),
            Err(Wrong::Reply(failure)) => return Err(failure),
            Err(Wrong::Server(error)) => {
                link.forget(&request.statement);
                // Prepared before a table was changed: nothing has been done yet, and it is prepared anew.
                if !(is_old && is_outdated(&error)) {
                    return Err(failures::of(&error, Some(&link.bound)));
                }
            }
        }
    }
}

async fn begin_reading(link: &mut Link, database: &Database) -> Answer<()> {
    if !database.is_read_only() || link.has_begun_reading {
        return Ok(());
    }
    perform(link, BEGIN_READING).await?;
    link.has_begun_reading = true;
    Ok(())
}

async fn perform(link: &Link, statement: &str) -> Answer<()> {
    link.client.batch_execute(statement).await.map_err(|error| failures::of(&error, Some(&link.bound)))
}

async fn query(
    link: &Link,
    statement: &Statement,
    request: &Request,
    limit: u64,
    has_unread_rows: &mut bool,
) -> Result<Vec<u8>, Wrong> {
    let columns = statement.columns();
    let mut reply = Rows::new(columns.iter().map(tokio_postgres::Column::name), limit);
    let mut rows = pin!(link.client.query_raw(statement, &request.params).await?);
    while let Some(row) = rows.try_next().await? {
        let added = add(&row, &mut reply);
        if added.is_err() {
            *has_unread_rows = true;
            return added.map(|()| Vec::new());
        }
    }
    Ok(reply.finish())
}

fn add(row: &tokio_postgres::Row, reply: &mut Rows) -> Result<(), Wrong> {
    reply.begin();
    for index in 0..row.len() {
        let cell: Cell<'_> = row.try_get(index)?;
        reply.cell(&cell).map_err(Wrong::Reply)?;
    }
    reply.end().map_err(Wrong::Reply)
}

async fn execute(link: &Link, statement: &Statement, request: &Request) -> Result<Vec<u8>, Wrong> {
    Ok(affected(link.client.execute_raw(statement, &request.params).await?))
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
    if link.client.is_closed() {
        return None;
    }
    link.has_begun_reading = false;
    let messages = timeout(PATIENCE, link.client.simple_query(RESET)).await.ok()?.ok()?;
    // The rest of its rows says nothing: the last query's are the prepared statements' names.
    let own =
        messages.iter().rev().skip(1).take_while(|message| matches!(message, SimpleQueryMessage::Row(_)));
    (own.count() == 0).then_some(link)
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
