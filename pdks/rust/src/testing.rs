//! Unit tests of plug-ins: a mock of the host, inside the test's process.
//!
//! A plug-in's exported functions are ordinary functions when they are built for the machine that you develop on. A
//! [`Host`] calls them there, without WebAssembly: give it what a real host would give, call, and look at what came out.
//!
//! ```
//! use plugwright_pdk::testing::Host;
//! use plugwright_pdk::{config, host_fn, info, plugin_fn, var, FnResult};
//!
//! #[host_fn]
//! extern "Plugwright" {
//!     fn kv_read(key: String) -> String;
//! }
//!
//! #[plugin_fn]
//! pub fn greet(name: String) -> FnResult<String> {
//!     info!("greeting {name}");
//!     let greeted = var::get::<u64>("greeted")?.unwrap_or(0) + 1;
//!     var::set("greeted", greeted)?;
//!     let greeting = config::get("greeting")?.unwrap_or_default();
//!     Ok(format!("{greeting}, {name} {}!", kv_read(name.clone())?))
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::new()
//!     .config("greeting", "Hello")
//!     .var("greeted", 41_u64)
//!     .host_fn("kv_read", |key: String| format!("{key}son"));
//! let greeting: String = host.call(greet, "John")?;
//! assert_eq!(greeting, "Hello, John Johnson!");
//! assert_eq!(host.get_var::<u64>("greeted")?, Some(42));
//! assert_eq!(host.logs()[0].message, "greeting John");
//! # Ok(())
//! # }
//! ```
//!
//! # What is as on a host
//!
//! Everything that the contract says about blocks, input, output, errors, config, variables and their limits, logs,
//! HTTP and host functions. A panic of the plug-in fails the call with its message, file and line. Variables, config and
//! the last HTTP response last from call to call.
//!
//! # What is stricter
//!
//! A mistake that one host forgives and another punishes ends the call with [`ErrorKind::Contract`] and a message that
//! names the rule: using a block after it was given away, freed, or in a later call; writing outside one's own blocks;
//! passing an offset at which no block starts. A new block is full of junk rather than zeros.
//!
//! # What is not there
//!
//! Time, fuel and the plug-in's own memory are not limited. There is no WASI: code that reads files reads yours. Statics
//! and thread-locals of the plug-in live as long as the test's process or thread, and a static is shared by all tests.

mod blocks;
mod contract;
pub(crate) mod current;
mod error;
mod host;
mod host_function;
mod http;
mod panics;
mod passing;
mod state;
mod value;
mod vars;

#[cfg(test)]
mod tests;

pub use error::{Error, ErrorKind};
pub use host::Host;
pub use host_function::{HostFunction, IntoHostFunction};
pub use http::{IntoResponse, Request, Response};
pub use state::Log;
pub(crate) use state::Range;
pub use value::{Block, HostParam, HostResult, HostValue};
