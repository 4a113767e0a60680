//! A guest's request, from its JSON to something that can be sent.

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use serde::{Deserialize, Deserializer};

use super::exchange::{Exchange, Purpose};
use super::failure::Failure;
use super::headers;
use super::policy::HttpPolicy;
use crate::error::{Error, ErrorKind, Result};

/// A request as a guest describes it. Nothing has been checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Request {
    pub(crate) url: String,
    /// Empty means `GET`.
    #[serde(default, deserialize_with = "null_is_default")]
    pub(crate) method: String,
    #[serde(default, deserialize_with = "header_values")]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(skip)]
    pub(crate) body: Option<Vec<u8>>,
}

impl Request {
    /// Reads `{"url": …, "method"?: …, "headers"?: {…}}`. Other fields are ignored, and `null` stands for an absent
    /// one, also as a header's value: development kits differ in what they write.
    ///
    /// # Errors
    ///
    /// `Http` when it is something else. The message gives the place but shows nothing of the text, which may hold
    /// credentials.
    pub(crate) fn from_guest_json(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json).map_err(|error| {
            let message = format!(
                "HTTP: the request is not JSON of the form {{\"url\": string, \"method\": string, \"headers\": \
                 {{name: string}}}}: wrong at line {}, column {}",
                error.line(),
                error.column()
            );
            Error::new(ErrorKind::Http, message)
        })
    }

    pub(super) fn into_exchange(self, policy: &HttpPolicy) -> Result<Exchange, Failure> {
        let Parsed { url, method, headers } = parse(&self.url, Some(&self.method), &self.headers)?;
        Ok(Exchange {
            url,
            method,
            headers,
            body: self.body.map(Into::into),
            allowed: Some(policy.allowed.clone()),
            purpose: Purpose::Guest,
            max_body_bytes: policy.max_response_bytes,
        })
    }
}

fn null_is_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn header_values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let headers: Option<BTreeMap<String, Option<String>>> = Option::deserialize(deserializer)?;
    let set = headers.unwrap_or_default().into_iter().filter_map(|(name, value)| Some((name, value?)));
    Ok(set.collect())
}

/// The parts of a request that are checked the same way for guests and for downloads.
pub(super) struct Parsed {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
}

pub(super) fn parse(
    url: &str,
    method: Option<&str>,
    headers: &BTreeMap<String, String>,
) -> Result<Parsed, Failure> {
    let url = Url::parse(url)
        .map_err(|error| Failure::Invalid(format!("the request's URL is not valid: {error}")))?;
    check_scheme(&url).map_err(Failure::Invalid)?;
    Ok(Parsed { url, method: parse_method(method.unwrap_or_default())?, headers: headers::parse(headers)? })
}

/// Only `http` and `https` are possible, first and in redirects.
pub(super) fn check_scheme(url: &Url) -> Result<(), String> {
    match url.scheme() {
        "http" | "https" => Ok(()),
        // A scheme that the parser accepts is short and holds no secrets.
        other => Err(format!("its scheme is `{other}`, but only `http` and `https` are possible")),
    }
}

/// Methods are in upper case in practice, and guests do not always write them so. `CONNECT` would make a tunnel, whose
/// traffic nothing here checks; `TRACE` returns what proxies on the way add, credentials included.
fn parse_method(method: &str) -> Result<Method, Failure> {
    let method = if method.is_empty() { "GET".to_owned() } else { method.to_ascii_uppercase() };
    match method.as_str() {
        "CONNECT" | "TRACE" | "TRACK" => {
            Err(Failure::Invalid(format!("the request's method `{method}` is not possible for plug-ins")))
        }
        name => Method::from_bytes(name.as_bytes())
            .map_err(|_| Failure::Invalid("the request's method is not a valid HTTP method".to_owned())),
    }
}

/// Scheme, host and port: as much of a URL as a message may show.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
