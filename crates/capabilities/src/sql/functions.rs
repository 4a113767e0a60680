//! The host functions, over either database.

use std::sync::Arc;
#[cfg(feature = "postgres")]
use std::time::{Duration, Instant};

#[cfg(feature = "postgres")]
use plugwright::CurrentPlugin;
use plugwright::HostFunction;

#[cfg(feature = "postgres")]
use super::postgres;
use super::request::{Purpose, Request};
use super::sqlite;
#[cfg(feature = "postgres")]
use crate::call::waiting;
use crate::call::{Outcome, Work, blocking};
use crate::patience::Patience;
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
#[cfg(feature = "postgres")]
fn deadline(plugin: &CurrentPlugin<'_>, timeout: Duration) -> Instant {
    Instant::now() + plugin.time_left().map_or(timeout, |left| left.min(timeout))
}

/// Functions on SQLite, which keep their thread.
pub(super) fn of_sqlite(database: &Arc<sqlite::Database>, grant: &Grant) -> Vec<HostFunction> {
    let grant = Arc::new(grant.clone());
    let timeout = database.operation_timeout();
    let statements = STATEMENTS.map(|(name, purpose)| {
        let (database, grant) = (database.clone(), grant.clone());
        blocking(name, timeout, move |plugin, parameters| {
            let request = Request::read(plugin, &grant, purpose, parameters)?;
            let sessions = plugin.kept_for_call::<sqlite::Sessions>().clone();
            let (database, grant) = (database.clone(), grant.clone());
            Ok(request.map(|request| Work {
                gate: database.gate(&sessions),
                work: move |patience: &Patience| {
                    let limit = grant.limits().max_value_bytes;
                    let admit = |reply: Vec<u8>| admitted(&grant, reply);
                    sessions.with(&database, |session| session.run(&request, purpose, limit, patience, admit))
                },
            }))
        })
    });
    let brackets = Bracket::ALL.map(|bracket| {
        let (database, grant) = (database.clone(), grant.clone());
        blocking(bracket.function(), timeout, move |plugin, []| {
            let admission = grant.admit_read(0);
            let sessions = plugin.kept_for_call::<sqlite::Sessions>().clone();
            let database = database.clone();
            Ok(admission.map(|()| Work {
                gate: database.gate(&sessions),
                work: move |patience: &Patience| {
                    let done = sessions.with(&database, |session| session.bracket(bracket, patience));
                    done.map(|()| reply::done())
                },
            }))
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
