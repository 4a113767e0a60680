//! Serves WebAssembly plug-ins over HTTP.
//!
//! ```no_run
//! use plugwright_server::{Config, RouteConfig, Server};
//!
//! # async fn example() -> Result<(), plugwright_server::StartError> {
//! let mut config = Config::of_function("hello.wasm", "say_hello"); // POST /
//! config.routes.push(RouteConfig::new("/vowels", "count_vowels.wasm", "count_vowels"));
//! let server = Server::start(config).await?;
//! let handle = server.handle(); // to stop and reload it
//! server.run().await;
//! # Ok(())
//! # }
//! ```
//!
//! [`Config`] is plain data, made in code or read from a file ([`Config::from_file`]). A [`Server`] compiles everything before it
//! listens; a [`ServerHandle`] reloads it while it runs.
//!
//! A request is one call. What a plug-in does wrong (it crashes, loops, wants memory without end) costs that request only. All that
//! clients and plug-ins could make endless has a limit with a default: see [`HttpLimits`], [`Limits`], [`RouteConfig`].
#![forbid(unsafe_code)]

mod activity;
mod admin;
mod app;
mod body;
mod config;
mod connection;
mod deployment;
mod lane;
mod listener;
mod memory;
mod metrics;
mod plugins;
mod probes;
mod problem;
mod processor_time;
mod recent;
mod remote;
mod router;
mod server;
mod service;
mod sessions;
mod site;
mod sweeping;
#[cfg(feature = "otlp")]
mod telemetry;
mod time;
mod tls;
#[cfg(feature = "triggers")]
mod triggers;
mod view;
mod watching;

pub use config::{
    AdminConfig, Config, ConfigError, HttpLimits, Isolation, Limits, Methods, PluginConfig, RouteConfig,
    SessionConfig, TlsConfig, View,
};
#[cfg(feature = "triggers")]
pub use plugwright_triggers::TriggerConfig;
pub use remote::{Remote, RemoteCall};
pub use server::{Server, ServerHandle, StartError, Stopped};
pub use service::ACCESS_LOG;
#[cfg(feature = "otlp")]
pub use telemetry::{Traces, TracesError};

/// The user guide's examples, which are tested like those of this documentation.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/serve.md")]
struct Guide;
