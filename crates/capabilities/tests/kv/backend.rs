//! What keeps a store.

use plugwright_capabilities::{Kv, Secret};
use plugwright_test_servers::Redis;
use tempfile::TempDir;

/// A store, with what it needs as long as it is used.
pub(crate) struct Backend {
    pub(crate) kv: Kv,
    _folder: Option<TempDir>,
    _redis: Option<Redis>,
}

impl Backend {
    pub(crate) fn memory() -> Self {
        Self { kv: Kv::in_memory(), _folder: None, _redis: None }
    }

    pub(crate) fn redb() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let kv = Kv::open(folder.path().join("data.redb")).expect("a new store");
        Self { kv, _folder: Some(folder), _redis: None }
    }

    pub(crate) fn redis() -> Self {
        let redis = Redis::start().expect("a Redis server");
        let kv = Kv::redis(&Secret::new(redis.url())).expect("an address");
        Self { kv, _folder: None, _redis: Some(redis) }
    }
}
