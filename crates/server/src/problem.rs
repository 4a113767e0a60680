//! Errors as responses: problem details in JSON (RFC 9457).

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{HeaderName, Response, StatusCode};
use http_body_util::Full;
use plugwright::{Error, ErrorKind};
use serde::Serialize;

/// The content type of problem details.
pub(crate) const CONTENT_TYPE_PROBLEM: &str = "application/problem+json";

/// What went wrong with a request.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    body: Box<Body>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Debug, Serialize)]
struct Body {
    #[serde(rename = "type")]
    ty: String,
    title: &'static str,
    status: u16,
    detail: String,
    /// The kind of error, as everywhere in Plugwright; for errors of plug-ins.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    /// What the function returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i32>,
}

impl Problem {
    /// A problem of this type: a short name, which becomes a URN.
    pub(crate) fn new(
        status: StatusCode,
        name: &str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let body = Box::new(Body {
            ty: format!("urn:plugwright:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            kind: None,
            plugin: None,
            function: None,
            code: None,
        });
        Self { status, body, headers: Vec::new() }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Ends the connection after the response: the rest of the request is of no interest.
    pub(crate) fn closing(self) -> Self {
        self.with_header(CONNECTION, HeaderValue::from_static("close"))
    }

    pub(crate) fn no_route(path: &str) -> Self {
        let detail = format!("nothing is served at `{path}`");
        Self::new(StatusCode::NOT_FOUND, "no-route", "No such route", detail)
    }

    pub(crate) fn wrong_method(method: &http::Method, allowed: &str) -> Self {
        let detail = format!("this route does not answer {method}; it answers {allowed}");
        let problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "Method not allowed", detail);
        match HeaderValue::from_str(allowed) {
            Ok(allowed) => problem.with_header(ALLOW, allowed),
            Err(_) => problem,
        }
    }

    pub(crate) fn too_large(limit: u64) -> Self {
        let detail = format!("the request's body has more than {limit} bytes");
        let title = "Request body too large";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", title, detail).closing()
    }

    pub(crate) fn long_head(limit: u64) -> Self {
        let detail = format!("the request's path and headers have more than {limit} bytes");
        let title = "Request headers too large";
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large", title, detail).closing()
    }

    pub(crate) fn too_slow() -> Self {
        let detail = "the request's body did not arrive in time";
        Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "Request timed out", detail).closing()
    }

    pub(crate) fn incomplete() -> Self {
        let detail = "the request's body ended before it was complete";
        Self::new(StatusCode::BAD_REQUEST, "incomplete", "Incomplete request", detail).closing()
    }

    /// The server has too much to do. It is to be asked again in a second.
    pub(crate) fn busy(name: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, name, "Too many requests at a time", detail)
            .with_header(RETRY_AFTER, HeaderValue::from_static("1"))
    }

    pub(crate) fn bad_request(name: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, name, "Bad request", detail)
    }

    /// The plug-in's answer is not one that can be sent.
    pub(crate) fn bad_answer(plugin: &str, function: &str, detail: impl Into<String>) -> Self {
        let title = "Invalid response of the plug-in";
        let mut problem = Self::new(StatusCode::BAD_GATEWAY, "bad-answer", title, detail);
        problem.body.plugin = Some(plugin.to_owned());
        problem.body.function = Some(function.to_owned());
        problem
    }

    /// A call that failed.
    pub(crate) fn of_call(error: &Error) -> Self {
        let (status, name, title) = class(error.kind());
        let detail = match error.kind() {
            ErrorKind::Guest { message, .. } if !message.is_empty() => message.clone(),
            _ => error.message().to_owned(),
        };
        let mut problem = Self::new(status, name, title, detail);
        problem.body.kind = Some(error.kind().name());
        problem.body.plugin = error.plugin().map(str::to_owned);
        problem.body.function = error.function().map(str::to_owned);
        if let ErrorKind::Guest { code, .. } | ErrorKind::Exit(code) = error.kind() {
            problem.body.code = Some(*code);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            problem = problem.with_header(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        problem
    }

    /// What went wrong, for logs.
    pub(crate) fn detail(&self) -> &str {
        &self.body.detail
    }

    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        // A structure of strings and numbers always becomes JSON.
        let json = serde_json::to_vec(&*self.body).unwrap_or_default();
        let mut response = Response::new(Full::new(Bytes::from(json)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE_PROBLEM));
        headers.extend(self.headers);
        response
    }
}

/// Status, name and title for a kind of error.
fn class(kind: &ErrorKind) -> (StatusCode, &'static str, &'static str) {
    match kind {
        ErrorKind::Guest { code, .. } => (guest_status(*code), "guest", "The plug-in reports an error"),
        ErrorKind::Timeout => (StatusCode::GATEWAY_TIMEOUT, "timeout", "The plug-in took too long"),
        ErrorKind::OutOfFuel => (StatusCode::GATEWAY_TIMEOUT, "out-of-fuel", "The plug-in computed too much"),
        ErrorKind::OutOfMemory => {
            (StatusCode::INSUFFICIENT_STORAGE, "out-of-memory", "The plug-in needs too much memory")
        }
        ErrorKind::PoolTimeout => {
            (StatusCode::SERVICE_UNAVAILABLE, "queue-timeout", "Too many requests at a time")
        }
        ErrorKind::Unavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "No worker takes the call")
        }
        ErrorKind::Lost => (StatusCode::BAD_GATEWAY, "lost", "The worker is gone, and the call may have run"),
        ErrorKind::Cancelled => (StatusCode::SERVICE_UNAVAILABLE, "cancelled", "The call was cancelled"),
        ErrorKind::Http => (StatusCode::BAD_GATEWAY, "http", "A request of the plug-in failed"),
        ErrorKind::HostFunction { .. } => {
            (StatusCode::INTERNAL_SERVER_ERROR, "host-function", "A host function failed")
        }
        ErrorKind::Trap(_) => (StatusCode::INTERNAL_SERVER_ERROR, "trap", "The plug-in crashed"),
        ErrorKind::Limit => (StatusCode::INTERNAL_SERVER_ERROR, "limit", "The plug-in reached a limit"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "plugin", "The plug-in failed"),
    }
}

/// A function that returns the code of an HTTP error means it.
fn guest_status(code: i32) -> StatusCode {
    let status = u16::try_from(code).ok().filter(|code| (400..=599).contains(code));
    status.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_http_errors_become_the_status() {
        for (code, status) in
            [(1, 500), (404, 404), (599, 599), (600, 500), (399, 500), (200, 500), (-404, 500)]
        {
            assert_eq!(guest_status(code).as_u16(), status, "{code}");
        }
    }
}
