//! Run WebAssembly plug-ins written in any language: fast, safely, and without hand-written glue.
//!
//! ```
//! use std::collections::HashMap;
//! use plugwright::Plugin;
//!
//! # fn main() -> plugwright::Result<()> {
//! # let wat = r#"(module
//! #   (import "extism:host/user" "hostMemoryGet" (func $get (param i64) (result i64)))
//! #   (import "extism:host/env" "input_offset" (func $in (result i64)))
//! #   (import "extism:host/env" "length" (func $length (param i64) (result i64)))
//! #   (import "extism:host/env" "output_set" (func $out (param i64 i64)))
//! #   (func (export "say_hello") (local i64)
//! #     (local.set 0 (call $get (call $in))) (call $out (local.get 0) (call $length (local.get 0)))))"#;
//! let store = HashMap::from([("Jane Doe".to_string(), "👋 Hello Jane Doe".to_string())]);
//! let mut plugin = Plugin::builder(wat.as_bytes()) // or a path, a URL, a manifest
//!     .host_fn("hostMemoryGet", move |key: String| store.get(&key).cloned())
//!     .build()?;
//! let greeting: String = plugin.call("say_hello", "Jane Doe")?;
//! assert_eq!(greeting, "👋 Hello Jane Doe");
//! # Ok(())
//! # }
//! ```
//!
//! There are two verbs: [`build`](PluginBuilder::build) and [`call`](Plugin::call). What is absent shows the defaults: no
//! access to hosts, files or the system, and limits on whatever a guest could make endless. Time alone has none unless it is
//! given: set a [`timeout`](PluginBuilder::timeout) for code that you do not know.
//!
//! - [`CompiledPlugin`] is code, compiled once and shared by any number of threads.
//! - [`Plugin`] is one instance of it. A call needs `&mut`, for a guest does one thing at a time.
//! - [`Pool`] is many instances, handed out first come, first served.
//!
//! Plug-ins are written against the Extism contract, which every host of it shares.

pub mod inspect;

mod budget;
mod builder;
mod cache;
mod capability;
mod code;
mod compilation;
mod compiled;
mod container;
mod contract;
mod current_plugin;
mod engine;
mod error;
mod executor;
mod exports;
mod fork;
mod function;
mod host_function;
mod http;
mod instance;
mod interrupt;
mod kernel_memory;
mod link;
mod logging;
mod needs;
mod outcome;
mod plugin;
mod pool;
mod pooling;
mod recent;
mod reserve;
mod rewritten;
mod settings;
mod snapshot;
mod source;
mod source_map;
mod stack;
mod start_up;
mod state;
mod sys;
mod ticker;
mod trace;
mod vars;
mod wasi;

pub use builder::{CompilationCache, PluginBuilder};
pub use capability::Capability;
pub use compiled::CompiledPlugin;
pub use current_plugin::{CurrentPlugin, MemoryHandle, StopCheck};
pub use engine::Profiler;
pub use error::{
    Backtrace, Error, ErrorKind, ErrorReport, Frame, FrameReport, ImportReport, MissingImport, Result,
    TrapKind,
};
pub use exports::Export;
pub use function::Function;
pub use host_function::{
    BoxFuture, DEFAULT_MODULE, Failure, FromBlock, FunctionImport, HostFunction, HostParam, HostResult,
    HostValue, IntoAsyncHostFunction, IntoBlock, IntoHostFunction, Val, ValType, WasmScalar, WithPlugin,
};
pub use interrupt::CancelHandle;
pub use logging::{LogLevel, LogRecord};
pub use outcome::PostMortem;
pub use plugin::{BegunCall, Plugin};
pub use plugwright_convert::{self as convert, FromBytes, FromBytesOwned, Json, Msgpack, ToBytes};
pub use plugwright_manifest::{self as manifest, Manifest, WASM_PAGE_BYTES, Wasm};
pub use pool::{Pool, PooledPlugin};
pub use snapshot::{Snapshot, SystemInput};
pub use source::{PluginSource, SourceModule};
pub use ticker::make_way;
pub use uuid::Uuid;
pub use wasi::Stdio;

/// The most bytes that a plug-in may log in a call by default: 1 MiB.
pub const DEFAULT_MAX_LOG_BYTES: u64 = 1 << 20;

/// The most bytes of standard output, and of standard error, that are captured: 1 MiB each.
pub const MAX_CAPTURED_BYTES: usize = 1 << 20;

/// The most bytes of WebAssembly that are read from a file or a URL: 256 MiB.
pub const MAX_WASM_BYTES: u64 = 256 << 20;

/// The most elements of a plug-in's tables together, of which each takes 8 bytes of the host's memory.
pub const MAX_TABLE_ELEMENTS: usize = 1 << 20;

/// The most modules that a plug-in is linked from.
pub const MAX_MODULES: usize = 16;

/// The user guide's examples, which are tested like those of this documentation.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/rust-sdk.md")]
    struct RustSdk;
    #[doc = include_str!("../../../docs/host-functions.md")]
    struct HostFunctions;
    #[doc = include_str!("../../../docs/snapshots.md")]
    struct Snapshots;
}
