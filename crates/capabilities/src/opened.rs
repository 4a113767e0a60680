//! An open store, of whatever kind.

use std::fmt::Debug;
use std::sync::Arc;

use plugwright::HostFunction;

use crate::Grant;
#[cfg(feature = "shared")]
use crate::config::Backend;
use crate::config::{FieldError, StoreConfig};

/// What can be lent to plug-ins. A further kind of store implements this.
pub(crate) trait Lend: Debug + Send + Sync {
    /// The functions for a plug-in with this grant.
    fn lend(&self, grant: Grant) -> Vec<HostFunction>;
}

/// An open store. A clone is the same store.
#[derive(Debug, Clone)]
pub(crate) struct Opened(Arc<dyn Lend>);

impl<S: Lend + 'static> From<S> for Opened {
    fn from(store: S) -> Self {
        Self(Arc::new(store))
    }
}

impl Opened {
    /// Opens a store that was [checked](StoreConfig::check).
    ///
    /// # Errors
    ///
    /// When it cannot be opened; the error names the field that is to blame.
    pub(crate) fn open(config: &StoreConfig) -> Result<Self, FieldError> {
        match config.backend {
            #[cfg(feature = "kv")]
            Backend::Memory | Backend::Redb => crate::kv::Kv::configured(config).map(Self::from),
            #[cfg(feature = "redis")]
            Backend::Redis => crate::kv::Kv::configured(config).map(Self::from),
            #[cfg(feature = "sql")]
            Backend::Sqlite => crate::sql::SqlStore::configured(config).map(Self::from),
            #[cfg(feature = "postgres")]
            Backend::Postgres => crate::sql::SqlStore::configured(config).map(Self::from),
            #[cfg(feature = "nats")]
            Backend::Nats => crate::messaging::Messaging::configured(config).map(Self::from),
            #[cfg(feature = "mqtt")]
            Backend::Mqtt => crate::messaging::Messaging::configured(config).map(Self::from),
            // Not all programs are built with all of them.
            #[allow(unreachable_patterns)]
            backend => {
                let message =
                    format!("this program was built without `{backend}`; build it with the feature for it");
                Err(FieldError::new("backend", message))
            }
        }
    }

    /// The functions for a plug-in with this grant.
    pub(crate) fn lend(&self, grant: Grant) -> Vec<HostFunction> {
        self.0.lend(grant)
    }
}
