//! Key-value stores: in memory, in a file, or in Redis.
//!
//! ```
//! use plugwright::Plugin;
//! use plugwright_capabilities::{Grant, Kv, Limits};
//!
//! # fn example(folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
//! let store = Kv::open(folder.join("data.redb"))?;
//! let grant = Grant::new("shop".parse()?, Limits::default());
//! let plugin = Plugin::builder("(module)".as_bytes()).with(store.granted(grant)).build()?;
//! # Ok(())
//! # }
//! # example(tempfile::tempdir().unwrap().path()).unwrap();
//! ```
//!
//! | function | parameters | result |
//! | --- | --- | --- |
//! | `kv_get` | key | the value, or none |
//! | `kv_set` | key, value, time to live in ms (0: no end) | |
//! | `kv_delete` | key | a byte: 1 if it was there |
//! | `kv_increment` | key, number | 8 bytes, little-endian: the new number |
//! | `kv_compare_and_swap` | key, expected value (0: absent), new value (0: delete), time to live in ms | a byte: 1 if it was swapped |
//! | `kv_list` | prefix, cursor (0: the start), the most keys | `{"keys": [...], "cursor": "..." or null}` |

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plugwright::{Capability, HostFunction};

use crate::config::{Backend, FieldError, OPERATION_TIMEOUT, StoreConfig};
use crate::opened::Lend;
use crate::{Grant, OpenError};

mod clock;
mod commit;
mod entry;
mod file;
mod functions;
mod key;
mod local;
mod memory;
mod number;
mod operation;
mod page;
#[cfg(feature = "redis")]
mod redis;
mod request;
mod time_to_live;
mod usage;

use local::LocalStore;

/// The longest key in bytes.
pub const MAX_KEY_BYTES: usize = 512;

/// The most keys of a page.
pub const MAX_PAGE: u64 = 1000;

/// The most bytes that a namespace may take by default: 1 GiB in a file.
pub const MAX_FILE_BYTES: u64 = 1 << 30;

/// The most bytes that a namespace may take by default: 64 MiB in memory.
pub const MAX_MEMORY_BYTES: u64 = 64 << 20;

/// A key-value store with what a plug-in may do in it. A clone is the same store.
#[derive(Debug, Clone)]
pub struct Kv {
    store: Store,
    grant: Grant,
    timeout: Duration,
}

#[derive(Debug, Clone)]
enum Store {
    Local(Arc<dyn LocalStore>),
    #[cfg(feature = "redis")]
    Redis(Arc<redis::Redis>),
}

impl Kv {
    /// A store in memory, which ends with the process.
    pub fn in_memory() -> Self {
        Self::local(Arc::new(memory::Memory::new(MAX_MEMORY_BYTES)))
    }

    /// A store in a file, which is made if it is not there. What was written is on the disk before a plug-in hears of it. One process
    /// at a time may have the file open; in one process it may be opened any number of times.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, is another process's, or is no such store.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Ok(Self::local(file::open(path.as_ref(), MAX_FILE_BYTES)?))
    }

    /// A store in a Redis server: `redis://host:port/database`, which may have a user and a password. It is connected to by the first
    /// call, and again whenever the connection was lost.
    ///
    /// # Errors
    ///
    /// When this is not an address.
    #[cfg(feature = "redis")]
    pub fn redis(address: &crate::Secret) -> Result<Self, OpenError> {
        let store = Store::Redis(Arc::new(redis::Redis::new(address)?));
        Ok(Self { store, grant: Grant::default(), timeout: OPERATION_TIMEOUT })
    }

    fn local(store: Arc<dyn LocalStore>) -> Self {
        Self { store: Store::Local(store), grant: Grant::default(), timeout: OPERATION_TIMEOUT }
    }

    /// Opens a store that was configured.
    pub(crate) fn configured(config: &StoreConfig) -> Result<Self, FieldError> {
        let kv = match config.backend {
            Backend::Memory => {
                let most = config.max_namespace_bytes.unwrap_or(MAX_MEMORY_BYTES);
                Self::local(Arc::new(memory::Memory::new(most)))
            }
            Backend::Redb => {
                let most = config.max_namespace_bytes.unwrap_or(MAX_FILE_BYTES);
                let path = config.path.as_deref().unwrap_or(Path::new(""));
                let store = file::open(path, most);
                Self::local(store.map_err(|error| FieldError::new("path", error.to_string()))?)
            }
            #[cfg(feature = "redis")]
            Backend::Redis => {
                let store = Self::redis(&config.address()?);
                store.map_err(|error| FieldError::new(config.server().address_field(), error.to_string()))?
            }
            other => return Err(FieldError::new("backend", format!("`{other}` is no key-value store"))),
        };
        Ok(kv.timeout(config.timeout()))
    }

    /// The same store for a plug-in with this grant. Without one a plug-in reads and writes the namespace `default`, within the default
    /// limits.
    pub fn granted(self, grant: Grant) -> Self {
        Self { grant, ..self }
    }

    /// The same store, where an operation may take so long: 5 s by default. The call's own deadline holds besides.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

impl Lend for Kv {
    fn lend(&self, grant: Grant) -> Vec<HostFunction> {
        functions::of(&self.clone().granted(grant))
    }
}

impl Capability for Kv {
    fn host_functions(&self) -> Vec<HostFunction> {
        functions::of(self)
    }
}
