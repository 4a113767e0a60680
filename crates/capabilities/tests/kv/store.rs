//! The plug-in that does to a store what it is told, in three languages.

use std::cell::Cell;
use std::path::Path;

use plugwright::{Json, Plugin};
use plugwright_capabilities::{Grant, Kv, Limits};
use serde_json::Value;

/// The guests, all of which do the same.
pub(crate) const GUESTS: [&str; 3] = ["rust_pdk_store", "go_pdk_store", "js_store"];

/// A plug-in with a store.
pub(crate) struct Store(pub(crate) Plugin);

thread_local! {
    /// Whether this thread's calls are awaited, or occupy it.
    static AWAITS: Cell<bool> = const { Cell::new(false) };
}

/// Does something whose calls on this thread are awaited: servers are then asked in another way.
pub(crate) fn awaiting(work: impl FnOnce()) {
    AWAITS.set(true);
    work();
    AWAITS.set(false);
}

impl Store {
    /// The guest in Rust with this store.
    pub(crate) fn with(kv: &Kv) -> Self {
        Self::of(GUESTS[0], kv)
    }

    /// A guest with this store.
    pub(crate) fn of(guest: &str, kv: &Kv) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../guests/build/{guest}.wasm"));
        assert!(path.exists(), "`{}` is not built: run `cargo xtask guests`", path.display());
        Self(Plugin::builder(path).wasi(true).with(kv).build().expect("a plug-in with all its imports"))
    }

    /// The guest in Rust in this namespace.
    pub(crate) fn within(kv: &Kv, namespace: &str) -> Self {
        let grant = Grant::new(namespace.parse().expect("a name"), Limits::default());
        Self::with(&kv.clone().granted(grant))
    }

    /// What comes of these operations.
    pub(crate) fn run(&mut self, operations: &Value) -> Value {
        let called = if AWAITS.get() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let call = self.0.call_async::<_, Json<Value>>("run", Json(operations));
            runtime.expect("a runtime").block_on(call)
        } else {
            self.0.call::<_, Json<Value>>("run", Json(operations))
        };
        let Json(results) = called.expect("a call that ends");
        results
    }

    /// What comes of one operation.
    pub(crate) fn one(&mut self, operation: Value) -> Value {
        self.run(&Value::Array(vec![operation]))[0].clone()
    }

    /// The code of the failure of an operation.
    pub(crate) fn failure(&mut self, operation: Value) -> String {
        let result = self.one(operation);
        result["error"].as_str().unwrap_or_else(|| panic!("no failure: {result}")).to_owned()
    }

    /// All keys with this prefix, in order.
    pub(crate) fn keys(&mut self, prefix: &str, limit: u64) -> Vec<String> {
        let mut keys = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let page = self.one(serde_json::json!(["list", prefix, cursor, limit]));
            let page_keys = page["keys"].as_array().unwrap_or_else(|| panic!("no page: {page}"));
            keys.extend(page_keys.iter().filter_map(Value::as_str).map(str::to_owned));
            cursor = page["cursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        keys.sort();
        keys.dedup();
        keys
    }
}
