//! What goes wrong besides calls.

use plugwright::Error;

/// Why something on NATS could not be set up. Calls fail with [`plugwright::Error`], as local ones.
///
/// No message has credentials in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// An address is not one.
    #[error("`{address}` is not the address of a NATS server: {reason}; write it like nats://127.0.0.1:4222")]
    Address {
        /// The address, without credentials.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file with a certificate or a key cannot be used.
    #[error("cannot use `{file}`: {reason}; check the path")]
    File {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// No server can be reached, or it refuses us.
    #[error("cannot connect to NATS at {servers}: {reason}; check that it runs, and the credentials")]
    Connect {
        /// The addresses, without credentials.
        servers: String,
        /// Why.
        reason: String,
    },
    /// The connection does not do what is asked of it.
    #[error("NATS does not {what}: {reason}")]
    Connection {
        /// What it was asked to do.
        what: String,
        /// Why it does not.
        reason: String,
    },
    /// A name cannot be part of a subject.
    #[error("`{name}` cannot be the name of a {what} on NATS; use 1 to 64 letters, digits, `-` and `_`")]
    Name {
        /// What it names.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The store of plug-ins fails.
    #[error("cannot {what}: {reason}")]
    Store {
        /// What was to be done, with the plug-in's name.
        what: String,
        /// Why it cannot be, and what to do.
        reason: String,
    },
    /// A plug-in cannot be loaded.
    #[error(transparent)]
    Plugin(#[from] Error),
    /// The system refuses threads.
    #[error("the system refuses threads for NATS: {0}; free some, or raise the limit")]
    Threads(String),
}
