//! The manifest of a plug-in: which WebAssembly modules it is made of, what it may use, and its limits.
//!
//! This crate holds plain data and the rules that make it valid. It opens no file or socket and knows no
//! engine: whoever loads the plug-in reads the sources that a manifest names.
//!
//! ```
//! use plugwright_manifest::{Manifest, Wasm};
//!
//! let manifest = Manifest::from_toml(
//!     r#"
//!     timeout_ms = 1000
//!     allowed_hosts = ["*.example.com"]
//!     [[wasm]]
//!     path = "plugin.wasm"
//!     "#,
//! )?;
//! let same = Manifest::new([Wasm::file("plugin.wasm")])
//!     .with_timeout(std::time::Duration::from_secs(1))
//!     .with_allowed_host("*.example.com");
//! assert_eq!(manifest, same);
//! assert!(manifest.hosts()?.allows("api.example.com"));
//!
//! let error = Manifest::from_json(br#"{"wasm": [{"pth": "plugin.wasm"}]}"#).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "wasm[0].pth (line 1, column 12): unknown field; did you mean `path`?"
//! );
//! # Ok::<(), plugwright_manifest::Error>(())
//! ```
#![forbid(unsafe_code)]

mod error;
mod field;
mod hosts;
mod manifest;
mod memory;
mod parse;
mod paths;
mod schema;
mod serialize;
mod sniff;
mod validate;
mod wasm;

pub use error::{Error, Format, Location, Position};
pub use field::{FieldPath, Segment};
pub use hosts::{AllowedHosts, HostPattern, MAX_HOST_BYTES};
pub use manifest::Manifest;
pub use memory::{
    DEFAULT_MAX_HTTP_RESPONSE_BYTES, DEFAULT_MAX_VAR_BYTES, MAX_PAGES, MemoryOptions, WASM_PAGE_BYTES,
};
pub use parse::ParseOptions;
pub use paths::{AllowedPath, split_path_spec};
pub use schema::schema;
pub use sniff::{InputKind, looks_like};
pub use wasm::{HttpRequest, Wasm, WasmSource};
