//! What a plug-in may do over HTTP.

use plugwright_manifest::AllowedHosts;

/// The hosts that a plug-in may talk to and how much they may answer.
#[derive(Debug, Clone)]
pub(crate) struct HttpPolicy {
    /// Hosts of requests and of redirects.
    pub(crate) allowed: AllowedHosts,
    /// Bytes of one response body.
    pub(crate) max_response_bytes: u64,
}

impl HttpPolicy {
    pub(crate) fn new(allowed: AllowedHosts, max_response_bytes: u64) -> Self {
        Self { allowed, max_response_bytes }
    }
}
