//! Connections to servers: more calls at a time than there are connections for calls that occupy their threads.

use std::sync::Barrier;
use std::thread;

use plugwright_capabilities::{Kv, Secret};
use plugwright_test_servers::Redis;
use serde_json::json;

use crate::store::Store;

/// More than the pool has.
const CALLERS: usize = 80;

#[test]
fn more_calls_than_connections_lose_nothing() {
    let redis = Redis::start().expect("a Redis server");
    let kv = Kv::redis(&Secret::new(redis.url())).expect("an address");
    let together = Barrier::new(CALLERS);
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                let mut store = Store::with(&kv);
                together.wait();
                for _ in 0..10 {
                    let sum = store.one(json!(["increment", "n", 1]));
                    assert!(sum.is_i64(), "{sum}");
                }
            });
        }
    });
    assert_eq!(Store::with(&kv).one(json!(["get", "n"])), json!((CALLERS * 10).to_string()));
}

#[test]
fn a_database_of_its_own_and_a_password_are_used() {
    let redis = Redis::setup().credentials("alice", "hunter2").start().expect("a Redis server");
    let second = format!("{}/1", redis.url().trim_end_matches('/'));
    let [mut zero, mut one] =
        [redis.url(), second].map(|url| Store::with(&Kv::redis(&Secret::new(url)).expect("an address")));
    assert!(zero.one(json!(["set", "a", "0"])).is_null());
    assert!(one.one(json!(["set", "a", "1"])).is_null());
    assert_eq!(zero.one(json!(["get", "a"])), json!("0"));
    crate::store::awaiting(|| assert_eq!(one.one(json!(["get", "a"])), json!("1")));
}
