//! Stores from configuration.

use std::collections::BTreeMap;

use plugwright::Plugin;
use plugwright_capabilities::config::{Backend, GrantConfig, PluginCapabilities, StoreConfig};
use plugwright_capabilities::{Granted, Kv, Refused, Registry};
use serde_json::{Value, json};

use crate::store::Store;

fn granted(plugin: &str, grant: GrantConfig, store: StoreConfig) -> Granted {
    let capabilities = PluginCapabilities { kv: Some(grant), ..PluginCapabilities::default() };
    let stores = BTreeMap::from([("data".to_owned(), store)]);
    Granted::resolve(plugin, &capabilities, &stores).expect("a grant that makes sense")
}

/// A plug-in with what was granted.
fn lent(registry: &Registry, plugin: &str, granted: &Granted) -> Store {
    let functions = registry.lend(plugin, granted).expect("a store that opens");
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/build/rust_pdk_store.wasm");
    Store(Plugin::builder(std::path::Path::new(guest)).host_functions(functions).build().expect("a plug-in"))
}

#[test]
fn a_store_is_opened_once_and_shared() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = StoreConfig { path: Some("data.redb".into()), ..StoreConfig::new(Backend::Redb) };
    let file = file.resolved(folder.path());
    let registry = Registry::default();
    let shop = granted("shop", GrantConfig::of("data"), file.clone());
    let mut namespaced = GrantConfig::of("data");
    namespaced.namespace = Some("shop".parse().expect("a name"));
    let other = granted("other", namespaced, file.clone());
    lent(&registry, "shop", &shop).run(&json!([["set", "a", "1"]]));
    assert_eq!(lent(&registry, "other", &other).one(json!(["get", "a"])), json!("1"));
    // What is opened by hand in the same process is the same.
    let same = Kv::open(folder.path().join(".").join("data.redb")).expect("the same file");
    assert_eq!(Store::within(&same, "shop").one(json!(["get", "a"])), json!("1"));
    registry.retain([("shop", &shop)]);
    assert_eq!(lent(&registry, "shop", &shop).one(json!(["get", "a"])), json!("1"));
}

#[test]
fn a_namespace_is_bounded_and_what_has_ended_makes_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let bounded = |backend| StoreConfig { max_namespace_bytes: Some(400), ..StoreConfig::new(backend) };
    let file = StoreConfig { path: Some("data.redb".into()), ..bounded(Backend::Redb) };
    for config in [bounded(Backend::Memory), file.resolved(folder.path())] {
        let registry = Registry::default();
        let shop = granted("shop", GrantConfig::of("data"), config.clone());
        let mut store = lent(&registry, "shop", &shop);
        // 165 bytes, with what an entry takes beside them.
        let value = "x".repeat(100);
        store.run(&json!([["set", "a", value], ["set", "b", value, 3_600_000]]));
        assert_eq!(store.failure(json!(["set", "c", value])), "too_large");
        assert_eq!(
            store.one(json!(["set", "a", "y".repeat(100)])),
            Value::Null,
            "what does not grow needs no room"
        );
        assert_eq!(store.failure(json!(["set", "a", "y".repeat(200)])), "too_large");
        store.run(&json!([["set", "b", value, 1]]));
        while store.one(json!(["get", "b"])) != Value::Null {}
        assert_eq!(store.one(json!(["set", "c", value, 1])), Value::Null, "what has ended makes room");
        if config.path.is_none() {
            continue;
        }
        // Also what ended before the file was opened.
        drop(store);
        registry.retain([]);
        let mut store = lent(&registry, "shop", &shop);
        while store.one(json!(["get", "c"])) != Value::Null {}
        assert_eq!(store.one(json!(["set", "d", value])), Value::Null);
        assert_eq!(store.failure(json!(["set", "e", value])), "too_large");
    }
}

#[test]
fn a_store_that_nobody_names_any_more_is_closed() {
    let registry = Registry::default();
    let shop = granted("shop", GrantConfig::of("data"), StoreConfig::new(Backend::Memory));
    lent(&registry, "shop", &shop).run(&json!([["set", "a", "1"]]));
    assert_eq!(lent(&registry, "shop", &shop).one(json!(["get", "a"])), json!("1"));
    registry.retain([]);
    assert_eq!(lent(&registry, "shop", &shop).one(json!(["get", "a"])), Value::Null);
}

#[test]
fn stores_of_two_names_are_two() {
    let registry = Registry::default();
    let stores = ["one", "two"].map(|name| (name.to_owned(), StoreConfig::new(Backend::Memory)));
    let [mut one, mut two] = ["one", "two"].map(|name| {
        let capabilities =
            PluginCapabilities { kv: Some(GrantConfig::of(name)), ..PluginCapabilities::default() };
        let granted = Granted::resolve("shop", &capabilities, &BTreeMap::from(stores.clone()));
        lent(&registry, "shop", &granted.expect("a grant that makes sense"))
    });
    one.run(&json!([["set", "a", "1"]]));
    assert_eq!(two.one(json!(["get", "a"])), Value::Null);
}

#[test]
fn a_plugin_has_one_rate_wherever_it_runs() {
    let registry = Registry::default();
    let grant = GrantConfig { operations_per_second: Some(2), ..GrantConfig::of("data") };
    let granted = granted("shop", grant, StoreConfig::new(Backend::Memory));
    let (mut one, mut two) = (lent(&registry, "shop", &granted), lent(&registry, "shop", &granted));
    one.run(&json!([["get", "a"], ["get", "a"]]));
    assert_eq!(two.failure(json!(["get", "a"])), "rate_limited");
    lent(&registry, "other", &granted).run(&json!([["get", "a"]]));
}

#[test]
fn what_is_no_store_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("text");
    std::fs::write(&path, "this is no store, but a text of some length".repeat(1000)).expect("a file");
    let refused = |path: std::path::PathBuf| {
        let store = StoreConfig { path: Some(path), ..StoreConfig::new(Backend::Redb) };
        let refused = Registry::default().lend("shop", &granted("shop", GrantConfig::of("data"), store));
        match refused.expect_err("this is no store") {
            Refused::Store(name, error) => (name, error.field, error.message),
            Refused::Grant(error) => panic!("the grant is right: {error}"),
        }
    };
    let (name, field, message) = refused(path);
    assert_eq!((&*name, &*field), ("data", "path"));
    assert!(message.contains("text"), "{message}");
    assert_eq!(refused(folder.path().to_owned()).1, "path");
    assert!(refused(folder.path().join("missing/data.redb")).2.contains("check the path"));
    assert_eq!(std::fs::read(folder.path().join("text")).expect("a file").len(), 43_000, "it is left alone");
}
