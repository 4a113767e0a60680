//! Limits on the memory of a plug-in.

use serde::Serialize;

/// Bytes in one WebAssembly memory page.
pub const WASM_PAGE_BYTES: u64 = 65_536;

/// The largest `max_pages`: 65 536 pages are 4 GiB, all that a 32-bit memory can address.
pub const MAX_PAGES: u32 = 65_536;

/// Bytes of variables that a plug-in may keep when its manifest does not say: 1 MiB.
pub const DEFAULT_MAX_VAR_BYTES: u64 = 1024 * 1024;

/// Bytes of one HTTP response body when the manifest does not say: 50 MiB.
pub const DEFAULT_MAX_HTTP_RESPONSE_BYTES: u64 = 50 * 1024 * 1024;

/// Limits on the memory that a plug-in may use; `None` means the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct MemoryOptions {
    /// Pages of [`WASM_PAGE_BYTES`] for all memories of the plug-in together, kernel memory included; at
    /// most [`MAX_PAGES`]. `None`: [`MAX_PAGES`], which is what hosts allow then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pages: Option<u32>,
    /// Bytes of one HTTP response body. `None`: [`DEFAULT_MAX_HTTP_RESPONSE_BYTES`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_http_response_bytes: Option<u64>,
    /// Bytes of all variables together; `Some(0)` turns variables off. `None`: [`DEFAULT_MAX_VAR_BYTES`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_var_bytes: Option<u64>,
}

impl MemoryOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`max_pages`](Self::max_pages).
    #[must_use]
    pub fn with_max_pages(mut self, pages: u32) -> Self {
        self.max_pages = Some(pages);
        self
    }

    /// Sets [`max_http_response_bytes`](Self::max_http_response_bytes).
    #[must_use]
    pub fn with_max_http_response_bytes(mut self, bytes: u64) -> Self {
        self.max_http_response_bytes = Some(bytes);
        self
    }

    /// Sets [`max_var_bytes`](Self::max_var_bytes).
    #[must_use]
    pub fn with_max_var_bytes(mut self, bytes: u64) -> Self {
        self.max_var_bytes = Some(bytes);
        self
    }

    /// The limit on all memories together, in bytes; `None` when there is none.
    pub fn memory_limit_bytes(&self) -> Option<u64> {
        self.max_pages.map(|pages| u64::from(pages) * WASM_PAGE_BYTES)
    }

    /// The limit on one HTTP response body that applies, in bytes.
    pub fn http_response_limit_bytes(&self) -> u64 {
        self.max_http_response_bytes.unwrap_or(DEFAULT_MAX_HTTP_RESPONSE_BYTES)
    }

    /// The limit on all variables together that applies, in bytes; `0` turns variables off.
    pub fn var_limit_bytes(&self) -> u64 {
        self.max_var_bytes.unwrap_or(DEFAULT_MAX_VAR_BYTES)
    }

    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_apply_where_nothing_is_set() {
        let memory = MemoryOptions::new();
        assert_eq!(memory.memory_limit_bytes(), None);
        assert_eq!(memory.http_response_limit_bytes(), 52_428_800);
        assert_eq!(memory.var_limit_bytes(), 1_048_576);
    }

    #[test]
    fn zero_is_a_limit_and_not_a_default() {
        let memory = MemoryOptions::new().with_max_var_bytes(0).with_max_http_response_bytes(0);
        assert_eq!(memory.var_limit_bytes(), 0);
        assert_eq!(memory.http_response_limit_bytes(), 0);
    }

    #[test]
    fn pages_are_64_kib() {
        assert_eq!(MemoryOptions::new().with_max_pages(MAX_PAGES).memory_limit_bytes(), Some(1 << 32));
    }
}
