//! Databases from configuration.

use std::collections::BTreeMap;
use std::thread;

use plugwright::HostFunction;
use plugwright_capabilities::config::{Backend, GrantConfig, PluginCapabilities, StoreConfig};
use plugwright_capabilities::{Code, Granted, Registry};
use serde_json::json;

use crate::postgres::{PASSWORD, SERVER};
use crate::support::{Client, execute};

fn lent(registry: &Registry, plugin: &str, store: StoreConfig) -> Vec<HostFunction> {
    let capabilities =
        PluginCapabilities { sql: Some(GrantConfig::of("data")), ..PluginCapabilities::default() };
    let granted = Granted::resolve(plugin, &capabilities, &BTreeMap::from([("data".to_owned(), store)]));
    registry.lend(plugin, &granted.expect("a grant that makes sense")).expect("a store that opens")
}

#[test]
fn a_database_is_no_larger_than_configured() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = StoreConfig::new(Backend::Sqlite);
    store.path = Some("data".into());
    store.max_database_bytes = Some(1 << 17);
    let functions = lent(&Registry::default(), "shop", store.resolved(folder.path()));
    let mut client = Client::with_functions(functions);
    client.execute("CREATE TABLE t (a TEXT)", json!([]));
    let insert = execute("INSERT INTO t VALUES ($1)", json!(["x".repeat(10_000)]));
    let failure = (0..100).find_map(|_| client.step(insert.clone()).err()).expect("a limit");
    assert_eq!(failure.code, Code::TooLarge);
    let rows = client.rows("SELECT count(*) FROM t", json!([]))[0][0].as_u64().expect("a count");
    assert!((1..14).contains(&rows), "{rows} rows of 10 000 bytes in 128 KiB");
    let file = folder.path().join("data/shop.sqlite");
    assert!(file.metadata().expect("the database").len() <= 1 << 17);
}

#[test]
fn a_namespace_has_no_more_connections_than_configured() {
    let mut store = StoreConfig::new(Backend::Postgres);
    // Addresses in configuration have no password: this one comes from a file.
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("password"), PASSWORD).expect("a file");
    store.url = Some(SERVER.url().replace(&format!(":{PASSWORD}@"), "@"));
    store.password_file = Some("password".into());
    store.max_connections = Some(1);
    store.timeout_ms = Some(60_000);
    let functions = lent(&Registry::default(), "few", store.resolved(folder.path()));
    Client::with_functions(functions.clone()).execute("CREATE TABLE t (n INTEGER)", json!([]));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = Client::with_functions(functions.clone());
                for _ in 0..10 {
                    client.execute("INSERT INTO t VALUES (1)", json!([]));
                }
            });
        }
    });
    let open = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'plugwright_few'";
    let open: u32 = SERVER.psql(open).expect("a count").parse().expect("a number");
    assert!(open <= 1, "{open} connections");
}
