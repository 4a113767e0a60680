//! An open store, of whatever kind. A further kind is one more variant here.

use plugwright::HostFunction;

use crate::Grant;
use crate::config::{Backend, FieldError, StoreConfig};

/// An open store. A clone is the same store.
#[derive(Debug, Clone)]
pub(crate) enum Opened {
    #[cfg(feature = "kv")]
    Kv(crate::kv::Kv),
    #[cfg(feature = "sql")]
    Sql(crate::sql::SqlStore),
    #[cfg(any(feature = "nats", feature = "mqtt"))]
    Messaging(crate::messaging::Messaging),
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
            Backend::Memory | Backend::Redb => crate::kv::Kv::configured(config).map(Self::Kv),
            #[cfg(feature = "redis")]
            Backend::Redis => crate::kv::Kv::configured(config).map(Self::Kv),
            #[cfg(feature = "sql")]
            Backend::Sqlite => crate::sql::SqlStore::configured(config).map(Self::Sql),
            #[cfg(feature = "postgres")]
            Backend::Postgres => crate::sql::SqlStore::configured(config).map(Self::Sql),
            #[cfg(feature = "nats")]
            Backend::Nats => crate::messaging::Messaging::configured(config).map(Self::Messaging),
            #[cfg(feature = "mqtt")]
            Backend::Mqtt => crate::messaging::Messaging::configured(config).map(Self::Messaging),
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
        match self {
            #[cfg(feature = "kv")]
            Self::Kv(store) => plugwright::Capability::host_functions(&store.clone().granted(grant)),
            #[cfg(feature = "sql")]
            Self::Sql(store) => plugwright::Capability::host_functions(&store.granted(grant)),
            #[cfg(any(feature = "nats", feature = "mqtt"))]
            Self::Messaging(broker) => plugwright::Capability::host_functions(&broker.clone().granted(grant)),
        }
    }
}
