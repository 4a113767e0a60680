//! Host functions that are ready to be lent to plug-ins: key-value stores, databases, message brokers.
//!
//! Each capability is a module and a feature of its own. A program opens one, says what a plug-in may do with it, and lends it by
//! [`PluginBuilder::with`](plugwright::PluginBuilder::with). The runtime knows none of them.
//!
//! What all have in common:
//! - **Grants.** A plug-in sees one [`Namespace`] of a store and nothing else of it, within [`Limits`], for reading only if the host
//!   says so.
//! - **Replies.** Each function returns a block that begins with a status byte (module [`reply`]); errors are [values](Failure) that have a
//!   [`Code`], so that a plug-in can tell what it may try again.
//! - **Deadlines.** Nothing waits longer than the call that asked may take.
//! - **Secrets** stay with the host: [`Secret`]s are not printed, and a [`Failure`] never has what a connection was opened with.

#[cfg(feature = "shared")]
mod arguments;
#[cfg(feature = "postgres")]
mod background;
#[cfg(feature = "shared")]
mod call;
pub mod config;
mod failure;
mod grant;
#[cfg(feature = "kv")]
pub mod kv;
mod limits;
mod memory_map;
#[cfg(any(feature = "nats", feature = "mqtt"))]
pub mod messaging;
#[cfg(feature = "shared")]
mod meter;
mod namespace;
mod open_error;
mod opened;
#[cfg(any(feature = "kv", feature = "sql"))]
mod patience;
mod percent;
mod registry;
pub mod reply;
mod secret;
#[cfg(feature = "servers")]
mod servers;
#[cfg(feature = "sql")]
pub mod sql;

pub use failure::{Code, Failure};
pub use grant::Grant;
#[cfg(feature = "kv")]
pub use kv::Kv;
pub use limits::Limits;
pub use memory_map::MemoryMap;
#[cfg(any(feature = "nats", feature = "mqtt"))]
pub use messaging::Messaging;
pub use namespace::{InvalidNamespace, Namespace};
pub use open_error::OpenError;
pub use registry::{Granted, Refused, Registry};
pub use secret::Secret;
#[cfg(feature = "sql")]
pub use sql::Sql;
