//! Redis' errors as failures. They have nothing of the address in them, nor what the server says of users and passwords.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::kv::number;
use crate::{Code, Failure};

/// Whether the connection is of no use after this. One to a server that takes no changes any more may be to the wrong one: another has taken
/// its place.
pub(super) fn is_lost(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
        || error.is_io_error()
        || error.is_connection_dropped()
        || error.is_unrecoverable_error()
}

/// The failure of what took too long.
#[cold]
pub(super) fn late() -> Failure {
    let message = "the key-value store did not answer in time; whether it did what was asked is not known";
    Failure::new(Code::Timeout, message)
}

/// What a plug-in is told.
#[cold]
pub(super) fn failed(error: &RedisError) -> Failure {
    let unavailable = |message: &str| Failure::new(Code::Unavailable, message);
    match error.kind() {
        _ if error.is_connection_refusal() => {
            unavailable("the Redis server cannot be reached; try again later")
        }
        ErrorKind::AuthenticationFailed => {
            Failure::new(Code::Internal, "the Redis server does not accept the host's password")
        }
        ErrorKind::Server(kind) => server_failed(kind, error),
        _ if error.code() == Some("NOAUTH") || error.code() == Some("WRONGPASS") => {
            Failure::new(Code::Internal, "the Redis server does not accept the host's password")
        }
        _ if error.code() == Some("WRONGTYPE") => {
            Failure::new(Code::WrongType, "what is stored there is no value but something of another type")
        }
        _ if error.code() == Some("OOM") => {
            Failure::new(Code::TooLarge, "the Redis server has no memory left for more")
        }
        _ if is_lost(error) => unavailable(
            "the connection to the Redis server was lost; whether a change was made is not known; try again",
        ),
        _ => Failure::new(Code::Internal, "the Redis server answered in an unexpected way"),
    }
}

fn server_failed(kind: ServerErrorKind, error: &RedisError) -> Failure {
    let detail = error.detail().unwrap_or_default();
    match kind {
        ServerErrorKind::ResponseError if detail.contains("not an integer") => number::not_a_number(),
        ServerErrorKind::ResponseError if detail.contains("overflow") => number::overflow(),
        ServerErrorKind::BusyLoading | ServerErrorKind::MasterDown | ServerErrorKind::TryAgain => {
            Failure::new(Code::Unavailable, "the Redis server is not ready; try again")
        }
        ServerErrorKind::ReadOnly => Failure::new(Code::Forbidden, "the Redis server takes no changes"),
        ServerErrorKind::NoPerm => {
            Failure::new(Code::Forbidden, "the Redis server does not let the host do that")
        }
        _ => Failure::new(Code::Internal, "the Redis server refused what it was asked"),
    }
}
