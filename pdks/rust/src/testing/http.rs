//! HTTP, answered by the test.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use serde::Deserialize;

use super::error::{Error, ErrorKind};

/// A request that the plug-in makes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The method, in upper case; `GET` if the plug-in named none.
    pub method: String,
    /// The URL as the plug-in wrote it.
    pub url: String,
    /// The headers as the plug-in wrote them, by name.
    pub headers: BTreeMap<String, String>,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
}

/// What a test answers to a [`Request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// A response with this status, without headers and body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: BTreeMap::new(), body: Vec::new() }
    }

    /// The response with one more header. Plug-ins see names in lower case, and the values of one name joined by `, `.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let values = self.headers.entry(name.to_ascii_lowercase()).or_default();
        if !values.is_empty() {
            values.push_str(", ");
        }
        values.push_str(value);
        self
    }

    /// The response with this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// What a responder may return: a [`Response`], or a `Result` of one. An error is a request without an answer.
pub trait IntoResponse {
    /// The response, or why there is none.
    ///
    /// # Errors
    ///
    /// The request gets no answer, for the reason in the text.
    fn into_response(self) -> Result<Response, String>;
}

impl IntoResponse for Response {
    fn into_response(self) -> Result<Response, String> {
        Ok(self)
    }
}

impl<E: fmt::Display> IntoResponse for Result<Response, E> {
    fn into_response(self) -> Result<Response, String> {
        self.map_err(|error| error.to_string())
    }
}

/// What answers requests.
pub(super) type Responder = Rc<RefCell<dyn FnMut(&Request) -> Result<Response, String>>>;

/// The description of a request as the contract has it.
#[derive(Deserialize)]
struct Description {
    url: String,
    method: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
}

/// Methods that hosts refuse.
const REFUSED: [&str; 3] = ["CONNECT", "TRACE", "TRACK"];

/// Reads what the plug-in handed to `http_request`.
pub(super) fn parse(description: &[u8], body: Vec<u8>) -> Result<Request, Error> {
    let malformed =
        |reason: String| Error::new(ErrorKind::Http, format!("the request is malformed: {reason}"));
    let description: Description =
        serde_json::from_slice(description).map_err(|error| malformed(error.to_string()))?;
    let Description { url, method, headers } = description;
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    if host.is_none_or(str::is_empty) {
        return Err(malformed(format!(
            "`{url}` is no URL that begins with http:// or https:// and names a host"
        )));
    }
    let method =
        method.filter(|method| !method.is_empty()).unwrap_or_else(|| "GET".to_owned()).to_ascii_uppercase();
    if REFUSED.contains(&method.as_str()) {
        return Err(Error::new(ErrorKind::Http, format!("hosts refuse the method {method}")));
    }
    let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Ok(Request { method, url, headers, body })
}
