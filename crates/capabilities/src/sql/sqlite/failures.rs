//! SQLite's errors as failures.

use rusqlite::{Error, ErrorCode};

use super::database::Link;
use crate::sql::functions::out_of_time;
use crate::{Code, Failure};

/// Why a statement failed.
pub(super) fn of_statement(link: &Link, error: &Error) -> Failure {
    if let Some(refused) = link.guard.take_refused() {
        return Failure::new(Code::Forbidden, format!("not allowed: {refused}"));
    }
    of_error(error)
}

/// Why a file could not be opened. Its path is the host's business.
pub(super) fn of_opening(error: &Error) -> Failure {
    match of_error(error) {
        failure if failure.code == Code::Timeout => failure,
        _ => {
            let reason = error.sqlite_error_code();
            let message = format!("the database of the plug-in's namespace cannot be opened ({reason:?})");
            Failure::new(Code::Internal, message)
        }
    }
}

fn of_error(error: &Error) -> Failure {
    let code = match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => return out_of_time(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            return Failure::new(
                Code::Timeout,
                "another transaction kept the database locked for too long: try again, and keep transactions short",
            );
        }
        Some(ErrorCode::ConstraintViolation) => Code::Conflict,
        Some(ErrorCode::TooBig) => Code::TooLarge,
        Some(ErrorCode::DiskFull) => {
            let message = "the database is full: `max_database_bytes` is reached, or the host's disk is full";
            return Failure::new(Code::TooLarge, message);
        }
        Some(ErrorCode::ReadOnly | ErrorCode::AuthorizationForStatementDenied) => Code::Forbidden,
        Some(
            ErrorCode::InternalMalfunction
            | ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::CannotOpen
            | ErrorCode::NotADatabase,
        ) => Code::Internal,
        Some(ErrorCode::OutOfMemory) => {
            let message = "the statement needs more memory than databases may use: sort and group fewer rows";
            return Failure::new(Code::TooLarge, message);
        }
        _ => Code::Invalid,
    };
    let message = match error {
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        Error::SqlInputError { msg, .. } => msg.clone(),
        Error::MultipleStatement => {
            "only one statement is run at a time: remove what follows the first".to_owned()
        }
        other => other.to_string(),
    };
    Failure::new(code, message)
}
