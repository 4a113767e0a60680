//! The conformance cases: one description of what a plug-in host does, run by every SDK.
//!
//! The cases are JSON files in `conformance/cases`; `conformance/README.md` is their reference. This crate
//! reads them ([`load`]), gives each its surroundings ([`World`]: a web server, a folder), and compares what
//! happened with what should have ([`Outcome`]). It knows no SDK: a runner does, and lives in the tests.
#![forbid(unsafe_code)]

mod case;
mod catalogue;
mod expect;
mod load;
mod server;
mod topics;
mod world;

pub use case::{
    Case, Expect, ExpectError, ExpectLog, Files, Kind, LogLevel, Memory, Options, Repeat, Source, Stdio, Step,
};
pub use catalogue::{HostFunction, HostFunctionUse};
pub use expect::{Failure, LogLine, Outcome, check_load_error, check_step};
pub use load::{LoadError, LoadedCase, Topic, cases_dir, guests_dir, load};
pub use server::{HELLO, Server};
pub use world::World;
