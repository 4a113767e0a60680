//! Why a request failed, before it is known whether a guest or the host asked for it.

use std::error::Error as StdError;
use std::time::Duration;

use reqwest::Url;
use thiserror::Error as ThisError;

use super::exchange::MAX_REDIRECTS;
use super::{Error, request};
use crate::error::ErrorKind;

/// A reason, in words that show no URL's path, query or user and no header's value.
#[derive(Debug, ThisError)]
pub(super) enum Failure {
    #[error("{0}")]
    Invalid(String),
    #[error(
        "`{host}` is not an allowed host; add it to the manifest's `allowed_hosts` if the plug-in may use it"
    )]
    Forbidden { host: String },
    #[error(
        "`{from}` redirects to `{host}`, which is not an allowed host; add it to the manifest's `allowed_hosts`"
    )]
    ForbiddenRedirect { from: String, host: String },
    #[error(
        "`{from}` redirects to `{to}`, which would send the request on without encryption; use the `http` URL \
         in the first place if that is meant"
    )]
    Downgrade { from: String, to: String },
    #[error("`{from}` redirects to an address that cannot be used: {reason}")]
    BadRedirect { from: String, reason: String },
    #[error("more than {MAX_REDIRECTS} redirects, the last one by `{from}`")]
    TooManyRedirects { from: String },
    #[error("the body of the answer from `{from}` has more than {limit} bytes")]
    TooLong { from: String, limit: u64 },
    #[error("the server answered with status {0}")]
    Status(u16),
    #[error("the request did not end before the call's deadline")]
    Deadline,
    #[error("no complete answer within {}", seconds(.0))]
    NoAnswer(Duration),
    #[error("cannot start the HTTP client: {0}")]
    NoClient(String),
    #[error("the request to `{to}` failed: {}", root_cause(.source))]
    Transport { to: String, source: reqwest::Error },
    #[error("the request was interrupted because the host's I/O has ended")]
    Interrupted,
}

impl Failure {
    /// A failure of the HTTP library while it talked to `url`.
    pub(super) fn transport(url: &Url, error: reqwest::Error) -> Self {
        Self::Transport { to: request::origin(url), source: error.without_url() }
    }

    /// The error of a guest's request.
    pub(super) fn into_http_error(self) -> Error {
        match self {
            Self::TooLong { .. } => {
                let message = format!("HTTP: {self}, the limit set by `memory.max_http_response_bytes`");
                Error::new(ErrorKind::Limit, message)
            }
            Self::Deadline => Error::new(ErrorKind::Timeout, format!("HTTP: {self}")),
            Self::NoAnswer(_) => {
                let message = format!("HTTP: {self}; set `timeout_ms` to wait for a shorter or longer time");
                Error::new(ErrorKind::Http, message)
            }
            other => other.into_error(ErrorKind::Http, "HTTP"),
        }
    }

    /// The error of a download of `url`.
    pub(super) fn into_load_error(self, url: &str) -> Error {
        self.into_error(ErrorKind::Load, &format!("cannot download `{}`", shown(url)))
    }

    fn into_error(self, kind: ErrorKind, context: &str) -> Error {
        let error = Error::new(kind, format!("{context}: {self}"));
        match self {
            Self::Transport { source, .. } => error.with_source(source),
            _ => error,
        }
    }
}

/// A URL for people: without user, password and query, which may be secrets. The path stays, since the operator who
/// reads this wrote several URLs of one host.
pub(crate) fn shown(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) if url.has_host() => format!("{}{}", request::origin(&url), url.path()),
        _ => "an invalid URL".to_owned(),
    }
}

/// The innermost reason, such as `connection refused`: the outer ones only say that sending failed.
pub(super) fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn seconds(duration: &Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
