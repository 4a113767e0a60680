//! What a plug-in may do with a capability.

#[cfg(feature = "shared")]
use std::sync::Arc;

#[cfg(feature = "shared")]
use crate::meter::Meter;
#[cfg(feature = "shared")]
use crate::{Code, Failure};
use crate::{Limits, Namespace};

/// What a plug-in may do with a capability: where, how much, and whether it may write. Clones share what is left of the rates.
#[derive(Debug, Clone)]
pub struct Grant {
    namespace: Namespace,
    read_only: bool,
    limits: Limits,
    #[cfg(feature = "shared")]
    meter: Arc<Meter>,
}

impl Default for Grant {
    /// To read and write the namespace `default`, within the default limits.
    fn default() -> Self {
        Self::new(Namespace::default(), Limits::default())
    }
}

impl Grant {
    /// To read and write this namespace, within these limits.
    pub fn new(namespace: Namespace, limits: Limits) -> Self {
        Self {
            namespace,
            read_only: false,
            #[cfg(feature = "shared")]
            meter: Arc::new(Meter::new(limits.clone())),
            limits,
        }
    }

    /// The same in another namespace, with rates of its own.
    pub fn in_namespace(self, namespace: Namespace) -> Self {
        Self { read_only: self.read_only, ..Self::new(namespace, self.limits) }
    }

    /// The same within other limits.
    pub fn within(self, limits: Limits) -> Self {
        Self { read_only: self.read_only, ..Self::new(self.namespace, limits) }
    }

    /// The same, for reading only or not.
    pub fn read_only(self, read_only: bool) -> Self {
        Self { read_only, ..self }
    }

    /// Where the plug-in is at home.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Whether it may only read.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// How much it may ask.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// What capabilities ask of a grant.
#[cfg(feature = "shared")]
impl Grant {
    /// Admits an operation that reads and brings so many bytes.
    ///
    /// # Errors
    ///
    /// `RateLimited` when the plug-in asks too often or for too much.
    #[cfg(any(feature = "kv", feature = "sql"))]
    pub(crate) fn admit_read(&self, bytes: usize) -> Result<(), Failure> {
        self.meter.take(bytes)
    }

    /// Admits an operation that writes so many bytes. `what` names it in errors.
    ///
    /// # Errors
    ///
    /// `Forbidden` when the grant is for reading; errors like [`admit_read`](Self::admit_read).
    pub(crate) fn admit_write(&self, what: &str, bytes: usize) -> Result<(), Failure> {
        if self.read_only {
            let message = format!("{what}: the plug-in may only read (grant `read_only`)");
            return Err(Failure::new(Code::Forbidden, message));
        }
        self.meter.take(bytes)
    }

    /// Counts what a reply brings, and checks that it is not too large. `what` names it in errors.
    ///
    /// # Errors
    ///
    /// `TooLarge`.
    pub(crate) fn admit_reply(&self, what: &str, bytes: usize) -> Result<(), Failure> {
        self.meter.take_reply(bytes);
        self.check_size(what, bytes)
    }

    /// Checks the size of a value, a statement, a message or a result. `what` names it in errors.
    ///
    /// # Errors
    ///
    /// `TooLarge`.
    pub(crate) fn check_size(&self, what: &str, bytes: usize) -> Result<(), Failure> {
        let most = self.limits.max_value_bytes;
        if bytes as u64 > most {
            let message = format!(
                "{what} has {bytes} bytes, and the plug-in may have {most} (limit `max_value_bytes`)"
            );
            return Err(Failure::new(Code::TooLarge, message));
        }
        Ok(())
    }
}
