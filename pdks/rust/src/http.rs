//! HTTP requests through the host, to the hosts that it allows.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::memory::{ManagedMemory, MemoryHandle};
use crate::{Error, FromBytesOwned as _, Json, Memory, ToMemory, sys};

/// The headers of a response by lower-case name. Without the feature `std` it is a `BTreeMap`.
#[cfg(feature = "std")]
pub type Headers = std::collections::HashMap<String, String>;
/// The headers of a response by lower-case name. With the feature `std` it is a `HashMap`.
#[cfg(not(feature = "std"))]
pub type Headers = BTreeMap<String, String>;

/// A request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpRequest {
    /// An `http` or `https` URL.
    pub url: String,
    /// Headers by name.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The method; `None` means `GET`.
    pub method: Option<String>,
}

impl HttpRequest {
    /// A `GET` request without headers.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), headers: BTreeMap::new(), method: None }
    }

    /// The request with a method.
    pub fn with_method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// The request with one more header. A second value for the same name replaces the first.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }
}

/// A response. Its body stays in kernel memory until it is asked for.
#[derive(Debug)]
pub struct HttpResponse {
    body: Memory,
    status: u16,
    headers: Headers,
}

impl HttpResponse {
    /// The status, such as 200.
    pub fn status_code(&self) -> u16 {
        self.status
    }

    /// The headers, if the host was told to show them; their names are in lower case.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The value of a header, whose name is given in lower case.
    pub fn header(&self, name: impl AsRef<str>) -> Option<&str> {
        self.headers.get(name.as_ref()).map(String::as_str)
    }

    /// A copy of the body.
    pub fn body(&self) -> Vec<u8> {
        self.body.to_vec()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not JSON for a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Ok(serde_json::from_slice(&self.body())?)
    }

    /// The block with the body.
    pub fn as_memory(&self) -> &Memory {
        &self.body
    }

    /// The block with the body, for instance to return it without a copy.
    pub fn into_memory(self) -> Memory {
        self.body
    }
}

/// Sends a request, with a body if there is one, and waits for the response.
///
/// A [`Memory`] as the body is given to the host: do not use it afterwards. A request that the host refuses, or that gets no
/// response, ends the call; a status such as 404 does not.
///
/// ```
/// use plugwright_pdk::{FnResult, HttpRequest, Memory, http, plugin_fn};
///
/// #[plugin_fn]
/// pub fn fetch(url: String) -> FnResult<Memory> {
///     let response = http::request::<()>(&HttpRequest::new(url), None)?;
///     Ok(response.into_memory())
/// }
/// ```
///
/// # Errors
/// When the body cannot be encoded, or there is no memory left.
pub fn request<T: ToMemory>(request: &HttpRequest, body: Option<T>) -> Result<HttpResponse, Error> {
    let body = body.map(|body| body.to_memory()).transpose()?;
    send(request, body.unwrap_or_else(Memory::null))
}

fn send(request: &HttpRequest, body: Memory) -> Result<HttpResponse, Error> {
    let request = Memory::new(&Json(request))?;
    let offset = sys::http_request(request.offset(), body.offset());
    let status = u16::try_from(sys::http_status_code()).context("the host's HTTP status is out of range")?;
    Ok(HttpResponse {
        body: Memory(MemoryHandle { offset, length: sys::length(offset) }),
        status,
        headers: headers().context("the host's HTTP headers")?,
    })
}

/// The headers of the response that came last.
fn headers() -> Result<Headers, Error> {
    let Some(block) = Memory::find(sys::http_headers()) else {
        return Ok(Headers::new());
    };
    let Json(headers) = Json::from_bytes_owned(&ManagedMemory(block).as_ref().to_vec())?;
    Ok(headers)
}
