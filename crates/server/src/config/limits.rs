//! Limits, all of which have defaults.

use std::time::Duration;

use serde::Deserialize;

use super::values;

/// Limits of connections and requests.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpLimits {
    /// The most connections at a time; further ones wait to be accepted. 16 384 by default.
    pub max_connections: usize,
    /// The most bytes of a request's line and headers. 16 KiB by default, at least 8 KiB.
    #[serde(deserialize_with = "values::bytes")]
    pub max_header_bytes: u64,
    /// The most bytes of a request's body, where a route does not say otherwise. 4 MiB by default.
    #[serde(deserialize_with = "values::bytes")]
    pub max_body_bytes: u64,
    /// The most bytes of all bodies that are in memory at a time; a request beyond them gets 503. 256 MiB by default.
    #[serde(deserialize_with = "values::bytes")]
    pub max_buffered_bytes: u64,
    /// How long a client may take from a request's first byte to the end of its headers, and for a TLS handshake. 10 s by default.
    #[serde(deserialize_with = "values::time")]
    pub header_timeout: Duration,
    /// How long a client may take for the body of a request. 30 s by default.
    #[serde(deserialize_with = "values::time")]
    pub body_timeout: Duration,
    /// How long a client may take no byte of a response. 30 s by default.
    #[serde(deserialize_with = "values::time")]
    pub write_timeout: Duration,
    /// How long a connection may stay open without a request. 75 s by default.
    #[serde(deserialize_with = "values::time")]
    pub idle_timeout: Duration,
    /// The most requests at a time on one HTTP/2 connection. 128 by default.
    pub max_streams: u32,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            max_connections: 16_384,
            max_header_bytes: 16 << 10,
            max_body_bytes: 4 << 20,
            max_buffered_bytes: 256 << 20,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            max_streams: 128,
        }
    }
}

/// Limits of a plug-in's calls. What a route says comes before what its plug-in says, and that before the defaults.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// How long a call may take: 10 s by default. In a file it is not zero.
    #[serde(deserialize_with = "values::some_time")]
    pub timeout: Option<Duration>,
    /// Pages of 64 KiB over all memories of an instance: 4096 by default, which is 256 MiB.
    pub max_pages: Option<u32>,
    /// Fuel of a call, about one unit for an instruction; not counted by default.
    pub fuel: Option<u64>,
    /// The most bytes of output: 16 MiB by default.
    #[serde(deserialize_with = "values::optional_bytes")]
    pub max_output_bytes: Option<u64>,
    /// The most bytes of the variables of an instance: 1 MiB by default.
    #[serde(deserialize_with = "values::optional_bytes")]
    pub max_var_bytes: Option<u64>,
    /// The most bytes that a call may log: 64 KiB by default.
    #[serde(deserialize_with = "values::optional_bytes")]
    pub max_log_bytes: Option<u64>,
    /// The most bytes of the body of one HTTP response: 50 MiB by default.
    #[serde(deserialize_with = "values::optional_bytes")]
    pub max_http_response_bytes: Option<u64>,
}

impl Limits {
    /// The default of [`timeout`](Self::timeout).
    pub const TIMEOUT: Duration = Duration::from_secs(10);
    /// The default of [`max_pages`](Self::max_pages).
    pub const MAX_PAGES: u32 = 4096;
    /// The default of [`max_output_bytes`](Self::max_output_bytes).
    pub const MAX_OUTPUT_BYTES: u64 = 16 << 20;
    /// The default of [`max_log_bytes`](Self::max_log_bytes).
    pub const MAX_LOG_BYTES: u64 = 64 << 10;

    /// These limits, and where they say nothing those of `below`.
    pub(crate) fn over(&self, below: &Self) -> Self {
        Self {
            timeout: self.timeout.or(below.timeout),
            max_pages: self.max_pages.or(below.max_pages),
            fuel: self.fuel.or(below.fuel),
            max_output_bytes: self.max_output_bytes.or(below.max_output_bytes),
            max_var_bytes: self.max_var_bytes.or(below.max_var_bytes),
            max_log_bytes: self.max_log_bytes.or(below.max_log_bytes),
            max_http_response_bytes: self.max_http_response_bytes.or(below.max_http_response_bytes),
        }
    }
}
