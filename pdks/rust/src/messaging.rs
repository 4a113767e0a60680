//! The message broker that the host granted this plug-in.
//!
//! ```
//! use plugwright_pdk::{FnResult, messaging, plugin_fn};
//!
//! #[plugin_fn]
//! pub fn order(order: String) -> FnResult<()> {
//!     Ok(messaging::publish("orders.new", order)?)
//! }
//! ```
//!
//! Subjects are words with single dots between them, below the namespace that the host granted. A plug-in that uses this module is loaded
//! only where the host grants it a broker: `plugwright call --messaging nats://…`, or `capabilities` in `plugwright.toml`.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

pub use crate::capability::{Code, Failure, Result};
use crate::capability::{argument, result};
use crate::sys;

/// Publishes a message.
///
/// # Errors
/// When the broker did not take it, or may not have: after `Unavailable` and `Timeout` that is not known.
pub fn publish(subject: &str, payload: impl AsRef<[u8]>) -> Result<()> {
    send(subject, payload.as_ref(), &[])
}

/// Publishes a message with headers. MQTT 3.1.1 has none.
///
/// # Errors
/// As [`publish`].
pub fn publish_with_headers(
    subject: &str,
    payload: impl AsRef<[u8]>,
    headers: &BTreeMap<&str, &str>,
) -> Result<()> {
    let headers = serde_json::to_vec(headers)
        .map_err(|error| Failure::new(Code::Invalid, format!("cannot write the headers: {error}")))?;
    send(subject, payload.as_ref(), &headers)
}

fn send(subject: &str, payload: &[u8], headers: &[u8]) -> Result<()> {
    let (subject, payload, headers) = (argument(subject.as_bytes())?, argument(payload)?, argument(headers)?);
    result(sys::messaging_publish(subject.offset(), payload.offset(), headers.offset())).map(drop)
}

/// Publishes a message and waits for an answer, as long as the host lets it.
///
/// # Errors
/// `NoResponders` when nobody answers this subject, `Timeout` when the answer does not come in time, and as [`publish`].
pub fn request(subject: &str, payload: impl AsRef<[u8]>) -> Result<Vec<u8>> {
    ask(subject, payload.as_ref(), 0)
}

/// The same, and waits no longer than this.
///
/// # Errors
/// As [`request`]; `Invalid` when the time is shorter than a millisecond.
pub fn request_within(subject: &str, payload: impl AsRef<[u8]>, time: Duration) -> Result<Vec<u8>> {
    match u64::try_from(time.as_millis()) {
        Ok(0) => Err(Failure::new(Code::Invalid, "the time is shorter than a millisecond")),
        millis => ask(subject, payload.as_ref(), millis.unwrap_or(u64::MAX)),
    }
}

fn ask(subject: &str, payload: &[u8], millis: u64) -> Result<Vec<u8>> {
    let (subject, payload) = (argument(subject.as_bytes())?, argument(payload)?);
    result(sys::messaging_request(subject.offset(), payload.offset(), millis))
}
