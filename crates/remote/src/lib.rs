//! Plug-ins on other machines, over [NATS](https://nats.io): workers serve functions, callers call them as if they were local.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use plugwright::Plugin;
//! use plugwright_remote::Nats;
//!
//! let nats = Nats::connect("nats://127.0.0.1:4222").await?;
//!
//! // A worker: as many as you like, on as many machines.
//! let worker = nats.worker().plugin("greet", Plugin::builder("greet.wasm")).start().await?;
//!
//! // A caller, anywhere.
//! let greet = nats.plugin("greet")?;
//! let greeting: String = greet.call_async("say_hello", "Jane Doe").await?;
//! # worker.drain(std::time::Duration::from_secs(30)).await;
//! # Ok(())
//! # }
//! ```
//!
//! Workers of a plug-in share a queue group: NATS gives each call to one of them. They speak the micro-services protocol of NATS, so
//! that `nats micro ls`, `info` and `stats` show them. A worker has its plug-ins from files, or by hash from an object store of
//! JetStream ([`Store`]), whose changes it follows without losing a call.
//!
//! What goes over the wire is in the user guide, `docs/remote.md`: enough for a caller in any language.

mod caller;
mod connection;
mod error;
mod names;
mod options;
mod parts;
mod store;
mod subscription;
mod threads;
mod wire;
mod worker;

pub use caller::RemotePlugin;
pub use connection::Nats;
pub use error::RemoteError;
pub use options::NatsOptions;
pub use store::{CodeCache, Published, Store};
pub use worker::{Worker, WorkerBuilder};
