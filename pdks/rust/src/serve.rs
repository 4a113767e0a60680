//! Functions that answer HTTP requests: what `plugwright serve` gives to and takes from a route with `view = "request"`.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use plugwright_convert as convert;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::{Error, FromBytesOwned, Json, ToBytes};

/// A request, as the function's parameter.
///
/// ```
/// use plugwright_pdk::serve::{Request, Response};
/// use plugwright_pdk::{FnResult, plugin_fn};
///
/// #[plugin_fn]
/// pub fn greet(request: Request) -> FnResult<Response> {
///     match request.param("name") {
///         Some(name) => Ok(Response::text(format!("Hello, {name}!"))),
///         None => Ok(Response::text("who are you?").with_status(400)),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The path as the client sent it, percent-encoded.
    pub path: String,
    /// The pattern of the route.
    pub route: String,
    /// What stands for the parameters of the route's pattern, decoded.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// The parameters of the query, decoded; each may be there several times.
    #[serde(default)]
    pub query: BTreeMap<String, Vec<String>>,
    /// The headers by lower-case name; each may be there several times.
    #[serde(default)]
    pub headers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    body: String,
    /// In Base64, instead of `body`, when it is not text.
    #[serde(default)]
    body_base64: Option<String>,
}

impl Request {
    /// What stands for this parameter of the route's pattern.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    /// The first value of this parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name)?.first().map(String::as_str)
    }

    /// The first value of this header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.first().map(String::as_str)
    }

    /// The body when it is text, else nothing.
    pub fn text(&self) -> &str {
        &self.body
    }

    /// The bytes of the body.
    ///
    /// # Errors
    /// When the host did not encode them as it should.
    pub fn body(&self) -> Result<Vec<u8>, Error> {
        match &self.body_base64 {
            Some(encoded) => Ok(crate::Base64::<Vec<u8>>::from_bytes_owned(encoded.as_bytes())?.0),
            None => Ok(self.body.as_bytes().to_vec()),
        }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not JSON for a `T`.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        Ok(serde_json::from_str(&self.body)?)
    }
}

/// A response, as the function's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Response {
    status: u16,
    headers: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
}

impl Response {
    /// A response of this status without a body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: BTreeMap::new(), body: None, body_base64: None }
    }

    /// A response of status 200 with this text, as `text/plain` unless a header says otherwise.
    pub fn text(text: impl Into<String>) -> Self {
        Self { body: Some(text.into()), ..Self::new(200) }
    }

    /// A response of status 200 with these bytes.
    ///
    /// # Errors
    /// When there is no memory left.
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Result<Self, Error> {
        let encoded = ToBytes::to_bytes(&crate::Base64(bytes.as_ref()))?;
        Ok(Self { body_base64: Some(String::from_utf8(encoded)?), ..Self::new(200) })
    }

    /// A response of status 200 with a value as JSON.
    ///
    /// # Errors
    /// When the value cannot be encoded.
    pub fn json(value: &impl Serialize) -> Result<Self, Error> {
        let text = serde_json::to_string(value)?;
        Ok(Self::text(text).with_header("content-type", "application/json"))
    }

    /// The response with another status, from 200 to 599.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The response with one more header; several of one name are sent in their order.
    pub fn with_header(mut self, name: impl AsRef<str>, value: impl Into<String>) -> Self {
        self.headers.entry(name.as_ref().to_string()).or_default().push(value.into());
        self
    }
}

impl FromBytesOwned for Request {
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        Json::from_bytes_owned(data).map(|Json(request)| request)
    }

    fn from_vec(data: Vec<u8>) -> Result<Self, Failure> {
        let Json(request) = convert::FromBytesOwned::from_bytes_owned(&data)?;
        Ok(request)
    }
}

impl ToBytes<'_> for Response {
    type Bytes = Vec<u8>;

    fn to_bytes(&self) -> Result<Self::Bytes, Error> {
        ToBytes::to_bytes(&Json(self))
    }
}
