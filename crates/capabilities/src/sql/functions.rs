//! The host functions, over either database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use plugwright::{CurrentPlugin, HostFunction};

#[cfg(feature = "postgres")]
use super::postgres;
use super::request::{Purpose, Request};
use super::sqlite;
#[cfg(feature = "postgres")]
use crate::call::waiting;
use crate::call::{Outcome, at_once};
use crate::{Failure, Grant, reply};

/// What the functions without a statement do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    Begin,
    Commit,
    Rollback,
}

impl Bracket {
    const ALL: [Self; 3] = [Self::Begin, Self::Commit, Self::Rollback];

    /// The name of the function.
    pub(super) fn function(self) -> &'static str {
        match self {
            Self::Begin => "sql_begin",
            Self::Commit => "sql_commit",
            Self::Rollback => "sql_rollback",
        }
    }
}

const STATEMENTS: [(&str, Purpose); 2] = [("sql_query", Purpose::Query), ("sql_execute", Purpose::Execute)];

/// When an operation that begins now must have ended.
fn deadline(plugin: &CurrentPlugin<'_>, timeout: Duration) -> Instant {
    Instant::now() + plugin.time_left().map_or(timeout, |left| left.min(timeout))
}

/// Functions on SQLite, on the calling thread.
pub(super) fn of_sqlite(database: Arc<sqlite::Database>, grant: &Grant) -> Vec<HostFunction> {
    let statements = STATEMENTS.map(|(name, purpose)| {
        let (database, grant) = (database.clone(), grant.clone());
        at_once(name, move |plugin, parameters| {
            let request = match Request::read(plugin, &grant, purpose, parameters)? {
                Ok(request) => request,
                Err(failure) => return Ok(Err(failure)),
            };
            let deadline = deadline(plugin, database.operation_timeout());
            let session = plugin.kept_for_call::<sqlite::Session>();
            let outcome = session.run(&database, &request, purpose, grant.limits().max_value_bytes, deadline);
            Ok(outcome.and_then(|reply| admitted(&grant, reply)))
        })
    });
    let brackets = Bracket::ALL.map(|bracket| {
        let (database, grant) = (database.clone(), grant.clone());
        at_once(bracket.function(), move |plugin, []| {
            if let Err(failure) = grant.admit_read(0) {
                return Ok(Err(failure));
            }
            let deadline = deadline(plugin, database.operation_timeout());
            let session = plugin.kept_for_call::<sqlite::Session>();
            Ok(session.bracket(&database, bracket, deadline).map(|()| reply::done()))
        })
    });
    statements.into_iter().chain(brackets).collect()
}

/// Functions on PostgreSQL, which wait for it.
#[cfg(feature = "postgres")]
pub(super) fn of_postgres(database: &Arc<postgres::Database>, grant: &Grant) -> Vec<HostFunction> {
    let statements = STATEMENTS.map(|(name, purpose)| {
        let (database, grant) = (database.clone(), grant.clone());
        waiting(name, move |plugin, parameters| {
            let request = Request::read(plugin, &grant, purpose, parameters)?;
            let deadline = deadline(plugin, database.operation_timeout());
            let session = plugin.kept_for_call::<postgres::Sessions>().of(&database);
            let grant = grant.clone();
            Ok(async move {
                let limit = grant.limits().max_value_bytes;
                let reply = session.run(request?, purpose, limit, deadline).await?;
                admitted(&grant, reply)
            })
        })
    });
    let brackets = Bracket::ALL.map(|bracket| {
        let (database, grant) = (database.clone(), grant.clone());
        waiting(bracket.function(), move |plugin, []| {
            let admission = grant.admit_read(0);
            let deadline = deadline(plugin, database.operation_timeout());
            let session = plugin.kept_for_call::<postgres::Sessions>().of(&database);
            Ok(async move {
                admission?;
                session.bracket(bracket, deadline).await?;
                Ok(reply::done())
            })
        })
    });
    statements.into_iter().chain(brackets).collect()
}

/// A reply, once its bytes have been counted.
fn admitted(grant: &Grant, reply: Vec<u8>) -> Outcome {
    let bytes = reply.len().saturating_sub(1);
    grant.admit_reply("the result", bytes).map(|()| reply)
}

/// The failure of whatever could not be done in time.
pub(super) fn out_of_time() -> Failure {
    Failure::new(
        crate::Code::Timeout,
        "the database did not answer before the deadline of the call, or the time for one operation, had passed",
    )
}
