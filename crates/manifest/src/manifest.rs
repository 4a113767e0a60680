//! The manifest itself.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::error::Error;
use crate::hosts::AllowedHosts;
use crate::memory::MemoryOptions;
use crate::parse::{self, ParseOptions};
use crate::paths::AllowedPath;
use crate::serialize;
use crate::validate;
use crate::wasm::Wasm;

/// What a plug-in is made of, what it may use, and its limits.
///
/// Plain data, and infallible to build; [`validate`](Self::validate) reports what is wrong, and the parsers
/// call it. The default is an empty manifest, which is not valid before a module is added.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The modules; see [`main_index`](Self::main_index).
    pub wasm: Vec<Wasm>,
    /// Limits on memory.
    #[serde(skip_serializing_if = "MemoryOptions::is_default")]
    pub memory: MemoryOptions,
    /// Values that the plug-in can read by key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, String>,
    /// Patterns of the hosts that the plug-in may send requests to; `None` and an empty list both mean none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_hosts: Option<Vec<String>>,
    /// Folders that the plug-in may use: host path, after `ro:` if read-only, to the path that the guest
    /// sees. `None` and an empty map both mean none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_paths: Option<BTreeMap<String, PathBuf>>,
    /// Milliseconds that one call may take, at least 1. `None`: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

impl Manifest {
    /// A manifest of these modules, with no rights and default limits.
    pub fn new(wasm: impl IntoIterator<Item = impl Into<Wasm>>) -> Self {
        Self { wasm: wasm.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Reads a manifest from JSON.
    ///
    /// # Errors
    /// Text that is not JSON, and everything that [`validate`](Self::validate) or the format refuses.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        Self::from_json_with(json, ParseOptions::default())
    }

    /// Reads a manifest from JSON, with options.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json).
    pub fn from_json_with(json: &[u8], options: ParseOptions) -> Result<Self, Error> {
        parse::json(json, options)
    }

    /// Reads a manifest from TOML.
    ///
    /// # Errors
    /// Text that is not TOML, and everything that [`validate`](Self::validate) or the format refuses.
    pub fn from_toml(toml: &str) -> Result<Self, Error> {
        Self::from_toml_with(toml, ParseOptions::default())
    }

    /// Reads a manifest from TOML, with options.
    ///
    /// # Errors
    /// As [`from_toml`](Self::from_toml).
    pub fn from_toml_with(toml: &str, options: ParseOptions) -> Result<Self, Error> {
        parse::toml(toml, options)
    }

    /// The manifest as indented JSON. Fields with default values are left out.
    ///
    /// # Errors
    /// [`Error::Encode`] when a path is not Unicode.
    pub fn to_json(&self) -> Result<String, Error> {
        serialize::json(self)
    }

    /// The manifest as TOML. Fields with default values are left out. Numbers over 2^63 - 1 are written, and
    /// [`from_toml`](Self::from_toml) reads them, but other readers of TOML may refuse them.
    ///
    /// # Errors
    /// [`Error::Encode`] when a path is not Unicode.
    pub fn to_toml(&self) -> Result<String, Error> {
        serialize::toml(self)
    }

    /// Checks everything that the types leave open: at least one module, names that differ, well-formed
    /// hashes, URLs, headers, host patterns and paths, numbers within their ranges.
    ///
    /// # Errors
    /// The first problem found, with the path of its field.
    pub fn validate(&self) -> Result<(), Error> {
        validate::manifest(self)
    }

    /// The index of the main module, whose exports are called: the one named `main`, else the last.
    /// `None` when there is no module.
    pub fn main_index(&self) -> Option<usize> {
        let named = self.wasm.iter().position(|wasm| wasm.name.as_deref() == Some("main"));
        named.or(self.wasm.len().checked_sub(1))
    }

    /// The time that one call may take; `None`: no limit.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout_ms.map(Duration::from_millis)
    }

    /// The allowed hosts, ready to match.
    ///
    /// # Errors
    /// [`Error::InvalidHostPattern`], which cannot be after [`validate`](Self::validate).
    pub fn hosts(&self) -> Result<AllowedHosts, Error> {
        AllowedHosts::new(self.allowed_hosts.as_deref().unwrap_or_default())
    }

    /// The allowed paths, taken apart, in the order of their keys.
    ///
    /// # Errors
    /// [`Error::InvalidPath`], which cannot be after [`validate`](Self::validate).
    pub fn paths(&self) -> Result<Vec<AllowedPath>, Error> {
        self.allowed_paths.iter().flatten().map(|(key, guest)| AllowedPath::new(key, guest)).collect()
    }

    /// Adds a module after the others.
    #[must_use]
    pub fn with_wasm(mut self, wasm: impl Into<Wasm>) -> Self {
        self.wasm.push(wasm.into());
        self
    }

    /// Sets all limits on memory.
    #[must_use]
    pub fn with_memory_options(mut self, memory: MemoryOptions) -> Self {
        self.memory = memory;
        self
    }

    /// Sets the number of 64 KiB pages that all memories together may have.
    #[must_use]
    pub fn with_memory_max(mut self, pages: u32) -> Self {
        self.memory.max_pages = Some(pages);
        self
    }

    /// Sets one configuration value.
    #[must_use]
    pub fn with_config_key(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.insert(key.into(), value.into());
        self
    }

    /// Replaces the configuration.
    #[must_use]
    pub fn with_config(
        mut self,
        entries: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.config = entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        self
    }

    /// Allows requests to the hosts that match `pattern`.
    #[must_use]
    pub fn with_allowed_host(mut self, pattern: impl Into<String>) -> Self {
        self.allowed_hosts.get_or_insert_default().push(pattern.into());
        self
    }

    /// Allows requests to the hosts that match one of `patterns`, and to no others.
    #[must_use]
    pub fn with_allowed_hosts(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.allowed_hosts = Some(patterns.into_iter().map(Into::into).collect());
        self
    }

    /// Allows requests to no host, which is also the default.
    #[must_use]
    pub fn disallow_all_hosts(mut self) -> Self {
        self.allowed_hosts = Some(Vec::new());
        self
    }

    /// Lets the plug-in use the host's folder `src`, read-only if it starts with `ro:`, as `dst`.
    #[must_use]
    pub fn with_allowed_path(mut self, src: impl Into<String>, dst: impl Into<PathBuf>) -> Self {
        self.allowed_paths.get_or_insert_default().insert(src.into(), dst.into());
        self
    }

    /// Lets the plug-in use these folders, as [`with_allowed_path`](Self::with_allowed_path) does, and no other.
    #[must_use]
    pub fn with_allowed_paths(
        mut self,
        entries: impl IntoIterator<Item = (impl Into<String>, impl Into<PathBuf>)>,
    ) -> Self {
        self.allowed_paths = Some(entries.into_iter().map(|(src, dst)| (src.into(), dst.into())).collect());
        self
    }

    /// Sets the time that one call may take, rounded up to a millisecond and at most `u64::MAX` of them.
    /// A zero time is refused by [`validate`](Self::validate).
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        let millis = timeout.as_nanos().div_ceil(1_000_000);
        self.timeout_ms = Some(u64::try_from(millis).unwrap_or(u64::MAX));
        self
    }
}

impl From<Wasm> for Manifest {
    fn from(wasm: Wasm) -> Self {
        Self::new([wasm])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_module_is_the_one_named_main_else_the_last() {
        let [a, b] = [Wasm::file("a"), Wasm::file("b")];
        assert_eq!(Manifest::default().main_index(), None);
        assert_eq!(Manifest::new([a.clone(), b.clone()]).main_index(), Some(1));
        assert_eq!(Manifest::new([a.with_name("main"), b]).main_index(), Some(0));
    }

    #[test]
    fn timeouts_round_up() {
        let timeout = |duration| Manifest::default().with_timeout(duration).timeout_ms;
        assert_eq!(timeout(Duration::from_nanos(1)), Some(1));
        assert_eq!(timeout(Duration::from_millis(7)), Some(7));
        assert_eq!(timeout(Duration::ZERO), Some(0));
        assert_eq!(timeout(Duration::MAX), Some(u64::MAX));
        assert_eq!(Manifest::default().timeout(), None);
    }

    #[test]
    fn setters_of_collections_replace_and_adders_add() {
        let manifest = Manifest::new([Wasm::file("a")])
            .with_config_key("old", "1")
            .with_config([("k", "v")])
            .with_config_key("k2", "v2")
            .with_allowed_host("old")
            .with_allowed_hosts(["a"])
            .with_allowed_host("b")
            .with_allowed_path("old", "/old")
            .with_allowed_paths([("ro:x", "/x")])
            .with_wasm(Wasm::data(*b"\0asm"));
        assert_eq!(manifest.config.len(), 2);
        assert_eq!(manifest.allowed_hosts.as_deref(), Some(["a".to_owned(), "b".to_owned()].as_slice()));
        assert_eq!(manifest.paths().map(|paths| paths.len()), Ok(1));
        assert_eq!(manifest.wasm.len(), 2);
        assert_eq!(manifest.disallow_all_hosts().allowed_hosts, Some(Vec::new()));
    }
}
