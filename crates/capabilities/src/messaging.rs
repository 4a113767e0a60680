//! Messages, over NATS or MQTT: publishing, and requests that somebody answers.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use plugwright::{BoxFuture, Capability, HostFunction};

#[cfg(feature = "nats")]
use crate::Namespace;
use crate::config::{FieldError, StoreConfig};
use crate::opened::Lend;
use crate::{Failure, Grant};

mod address;
mod functions;
mod headers;
#[cfg(feature = "mqtt")]
pub mod mqtt;
#[cfg(feature = "nats")]
pub mod nats;
mod subject;

pub use address::{Address, InvalidAddress, Scheme};
pub use headers::Headers;

/// How long an operation may take, unless the call's deadline or another limit comes first.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A message broker, as a plug-in may use it.
///
/// ```no_run
/// use plugwright::Plugin;
/// use plugwright_capabilities::{Grant, Limits, messaging::Messaging};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let grant = Grant::new("shop".parse()?, Limits::default());
/// let messaging = Messaging::open("nats://localhost")?.granted(grant);
/// let plugin = Plugin::builder("shop.wasm").with(messaging).build()?;
/// # Ok(())
/// # }
/// ```
///
/// Clones share the connection, which is made in the background, and made again whenever it is lost.
#[derive(Clone)]
pub struct Messaging {
    broker: Arc<dyn Broker>,
    grant: Grant,
    stored: bool,
    timeout: Duration,
}

/// Why there is no connection at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The address is not valid.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// The system refuses what a connection needs.
    #[error("a connection to `{server}` cannot be prepared: {reason}")]
    System {
        /// The server, without credentials.
        server: String,
        /// What the system says.
        reason: io::Error,
    },
}

impl Messaging {
    /// Connects to the broker at this address: `nats://`, `tls://` (NATS), `mqtt://` or `mqtts://`, see [`Address`]. It returns
    /// at once: a broker that cannot be reached yet is waited for in the background.
    ///
    /// # Errors
    ///
    /// When the address is not valid, or this library was built without that broker.
    pub fn open(address: &str) -> Result<Self, OpenError> {
        Self::connect(&address.parse()?)
    }

    /// Like [`open`](Self::open), with an address that was parsed before.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn connect(address: &Address) -> Result<Self, OpenError> {
        let system = |reason| OpenError::System { server: address.to_string(), reason };
        let broker: Arc<dyn Broker> = match address.scheme() {
            #[cfg(feature = "nats")]
            Scheme::Nats => Arc::new(nats::Connection::open(address).map_err(system)?),
            #[cfg(feature = "mqtt")]
            Scheme::Mqtt => Arc::new(mqtt::Requester::open(address).map_err(system)?),
            #[cfg(not(all(feature = "nats", feature = "mqtt")))]
            _ => return Err(InvalidAddress::not_built(address).into()),
        };
        Ok(Self { broker, grant: Grant::default(), stored: false, timeout: TIMEOUT })
    }

    /// Lends it with this grant instead of the default one. Subjects begin with the grant's namespace.
    pub fn granted(self, grant: Grant) -> Self {
        Self { grant, ..self }
    }

    /// Whether a message counts as published only once a stream has stored it: JetStream, in NATS. Off by default. In MQTT the
    /// broker acknowledges each message, with this and without.
    pub fn stored(self, stored: bool) -> Self {
        Self { stored, ..self }
    }

    /// Gives each operation so much time, 5 s by default. The call's deadline may come first.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

impl Messaging {
    /// The broker that a configuration describes, which was [checked](StoreConfig::check).
    ///
    /// # Errors
    ///
    /// When its address is not valid; the error names the field that is to blame.
    pub(crate) fn configured(config: &StoreConfig) -> Result<Self, FieldError> {
        let messaging = Self::open(config.address()?.reveal());
        let messaging =
            messaging.map_err(|error| FieldError::new(config.server().address_field(), error.to_string()))?;
        Ok(messaging.stored(config.stored).timeout(config.timeout()))
    }
}

impl Lend for Messaging {
    fn lend(&self, grant: Grant) -> Vec<HostFunction> {
        functions::all(&self.clone().granted(grant))
    }
}

impl Capability for Messaging {
    fn host_functions(&self) -> Vec<HostFunction> {
        functions::all(self)
    }
}

impl std::fmt::Debug for Messaging {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messaging")
            .field("grant", &self.grant)
            .field("stored", &self.stored)
            .finish_non_exhaustive()
    }
}

/// A message on its way out.
pub(crate) struct Outgoing {
    /// The subject, with its namespace, of tokens with dots between them.
    pub(crate) subject: String,
    pub(crate) headers: Headers,
    pub(crate) payload: Vec<u8>,
    /// Whether a stream must have stored it.
    #[cfg(feature = "nats")]
    pub(crate) stored: bool,
    /// Whose message it is.
    #[cfg(feature = "nats")]
    pub(crate) namespace: Namespace,
    /// How long all of it may take.
    pub(crate) timeout: Duration,
}

/// A server for messages. Futures do not borrow it, since the calls that await them do not either.
pub(crate) trait Broker: Send + Sync {
    /// Publishes a message, with the strongest acknowledgement that there is.
    fn publish(&self, message: Outgoing) -> BoxFuture<'static, Result<(), Failure>>;

    /// Publishes a message and waits for an answer, of so many bytes at most.
    fn request(&self, message: Outgoing) -> BoxFuture<'static, Result<Vec<u8>, Failure>>;
}
