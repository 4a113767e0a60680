//! PostgreSQL's errors as failures. What is told about an account or a connection never has what it was opened with.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};
use tokio_rustls::rustls;

use super::frames::Bound;
use super::server::ConnectError;
use crate::sql::functions;
use crate::{Code, Failure};

/// Why a statement failed, on a connection with this bound.
pub(super) fn of(error: &Error, bound: Option<&Bound>) -> Failure {
    if bound.is_some_and(Bound::is_exceeded) {
        let message = "a row of the result is larger than the plug-in may have (limit `max_value_bytes`)";
        return Failure::new(Code::TooLarge, message);
    }
    if let Some(error) = error.as_db_error() {
        return of_server(error);
    }
    let is_io = error.source().is_some_and(|source| source.is::<std::io::Error>());
    if error.is_closed() || is_io {
        return unavailable();
    }
    let reason = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    Failure::invalid(format!("{error}{reason}"))
}

/// Why a statement could not be prepared, on a connection with this bound.
pub(super) fn of_preparing(error: &Error, bound: &Bound) -> Failure {
    if bound.is_exceeded() {
        let message = "the types of the statement's parameters and columns are too many, or too large: cast them to text";
        return Failure::new(Code::TooLarge, message);
    }
    if error.code() == Some(&SqlState::INVALID_SQL_STATEMENT_NAME) {
        let message = "what the host had prepared was removed by DEALLOCATE or DISCARD, and the connection is of no use \
                       any more: try again";
        return Failure::new(Code::Conflict, message);
    }
    of(error, None)
}

/// A statement that was prepared before is not valid any more, and the transaction has failed by that.
pub(super) fn outdated() -> Failure {
    Failure::new(
        Code::Conflict,
        "a table of the statement was changed after the statement had been prepared: call sql_rollback, then begin again",
    )
}

/// The failure of what took too long, and what is not known by that.
pub(super) fn out_of_time(doubt: Option<Doubt>) -> Failure {
    let failure = functions::out_of_time();
    match doubt {
        Some(doubt) => doubt.added_to(failure),
        None => failure,
    }
}

/// What is not known of the database when there is no answer, or not all of it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Doubt {
    /// Whether a statement outside of transactions has changed something.
    Changed,
    /// Whether a transaction was committed.
    Committed,
}

impl Doubt {
    /// The failure, once that is said.
    pub(super) fn added_to(self, failure: Failure) -> Failure {
        let what = match self {
            Self::Changed => "whether the statement has changed anything is not known",
            Self::Committed => "whether the transaction was committed is not known",
        };
        Failure::new(failure.code, format!("{}; {what}", failure.message))
    }
}

/// Why a role could not log in, or why it should be made.
pub(super) fn of_connecting(error: &ConnectError) -> Failure {
    match error {
        ConnectError::Stream(error) => of_stream(error),
        ConnectError::Server(error) => match error.as_db_error() {
            Some(error) => of_server(error),
            None => unavailable(),
        },
    }
}

/// Why there is no stream. An operator must be able to tell a wrong certificate from a server that is not there.
fn of_stream(error: &std::io::Error) -> Failure {
    let is_tls = error.get_ref().is_some_and(|reason| reason.is::<rustls::Error>());
    if is_tls || error.kind() == std::io::ErrorKind::Unsupported {
        let message = format!("the database cannot be spoken to by TLS: {error}");
        return Failure::new(Code::Unavailable, message);
    }
    unavailable()
}

/// Why the host's account could not log in.
pub(super) fn of_account(error: &ConnectError) -> Failure {
    match error {
        ConnectError::Server(error) if error.as_db_error().is_some_and(is_refusal) => Failure::new(
            Code::Unavailable,
            "the database refuses the host's account: the operator must correct its name or password",
        ),
        other => of_connecting(other),
    }
}

/// Why roles could not be made.
pub(super) fn of_provisioning(error: &Error) -> Failure {
    match error.code() {
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Failure::new(
            Code::Internal,
            "the host's account may not make the plug-in's role and schema: it needs CREATEROLE, and CREATE on the database",
        ),
        _ => of(error, None),
    }
}

/// Whether a role must be made, or made anew: it is not there, or has another password.
pub(super) fn is_refusal(error: &DbError) -> bool {
    [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION].contains(error.code())
}

/// There is no connection.
pub(super) fn unavailable() -> Failure {
    Failure::new(
        Code::Unavailable,
        "the database cannot be reached, or the connection was lost: a change may or may not have been made; try again",
    )
}

fn of_server(error: &DbError) -> Failure {
    let state = error.code().code();
    let code = match (state.get(..2).unwrap_or_default(), state) {
        (_, "57014") => Code::Timeout,
        (_, "42501" | "25006") => Code::Forbidden,
        ("23" | "40", _) | (_, "55P03") => Code::Conflict,
        ("08" | "53" | "57", _) => Code::Unavailable,
        ("54", _) => Code::TooLarge,
        ("58" | "F0" | "XX" | "28", _) => Code::Internal,
        _ => Code::Invalid,
    };
    // Texts of the server's are bounded by what a message may have, which is more than a plug-in should get.
    let message: String = error.message().chars().take(1000).collect();
    Failure::new(code, format!("{message} ({state})"))
}
