//! How much a plug-in may ask of a capability.

use serde::Deserialize;

/// How much a plug-in may ask. All of the plug-in's instances share the rates.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The most operations in a second, and in a burst: 1 000 000 by default.
    pub operations_per_second: u64,
    /// The most bytes in both directions in a second, and in a burst: 1 GiB by default.
    pub bytes_per_second: u64,
    /// The most bytes of one value, statement, message or result: 1 MiB by default.
    pub max_value_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { operations_per_second: 1_000_000, bytes_per_second: 1 << 30, max_value_bytes: 1 << 20 }
    }
}
