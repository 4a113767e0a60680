//! What a grant allows.

use plugwright_capabilities::{Grant, Limits};
use serde_json::json;

use crate::backend::Backend;
use crate::store::Store;

crate::for_each_backend!(who_may_read_does_not_write, sizes_are_limited, a_million_calls_are_refused);

fn who_may_read_does_not_write(backend: &Backend) {
    let mut writer = Store::with(&backend.kv);
    writer.run(&json!([["set", "a", "1"]]));
    let mut reader = Store::with(&backend.kv.clone().granted(Grant::default().read_only(true)));
    for write in [
        json!(["set", "a", "2"]),
        json!(["delete", "a"]),
        json!(["increment", "a", 1]),
        json!(["swap", "a", "1", "2"]),
    ] {
        assert_eq!(reader.failure(write), "forbidden");
    }
    assert_eq!(reader.one(json!(["get", "a"])), json!("1"));
    assert_eq!(reader.keys("", 10), ["a"]);
}

fn sizes_are_limited(backend: &Backend) {
    let mut writer = Store::with(&backend.kv);
    writer.run(&json!([["set", "a", "0123456789"]]));
    let small = Limits { max_value_bytes: 4, ..Limits::default() };
    let mut store = Store::with(&backend.kv.clone().granted(Grant::default().within(small)));
    assert_eq!(store.failure(json!(["get", "a"])), "too_large");
    assert_eq!(store.failure(json!(["set", "a", "01234"])), "too_large");
    assert_eq!(store.failure(json!(["swap", "a", "01234", "x"])), "too_large");
    assert_eq!(store.failure(json!(["swap", "a", "x", "01234"])), "too_large");
    let key = "k".repeat(512);
    assert_eq!(writer.run(&json!([["set", key, "x"], ["get", key]])), json!([null, "x"]));
    let long = "k".repeat(513);
    for operation in [
        json!(["get", long]),
        json!(["set", long, ""]),
        json!(["delete", long]),
        json!(["list", long, null, 1]),
    ] {
        assert_eq!(writer.failure(operation), "too_large");
    }
}

fn a_million_calls_are_refused(backend: &Backend) {
    let limits = Limits { operations_per_second: 3, ..Limits::default() };
    let mut store = Store::with(&backend.kv.clone().granted(Grant::default().within(limits)));
    let done = store.0.call::<u64, u64>("flood", 1_000_000).expect("a call that ends");
    // How long a million refusals take is the machine's affair: a second is worth three.
    assert!((3..1000).contains(&done), "{done} were let through");
}
