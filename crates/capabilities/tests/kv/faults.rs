//! What happens when servers fail.

use std::path::Path;
use std::time::{Duration, Instant};

use plugwright::{ErrorKind, Plugin};
use plugwright_capabilities::{Kv, Secret};
use plugwright_test_servers::Redis;
use serde_json::json;

use crate::store::Store;

#[test]
fn a_killed_redis_is_found_again_with_all_that_was_acknowledged() {
    let mut redis = Redis::start().expect("a Redis server");
    let kv = Kv::redis(&Secret::new(redis.url())).expect("an address").timeout(Duration::from_secs(2));
    let mut store = Store::with(&kv);
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        for number in 0..50 {
            let key = format!("{round}-{number}");
            if store.one(json!(["set", key, key])).is_null() {
                acknowledged.push(key);
            }
        }
        redis.kill().expect("a server that runs");
        let began = Instant::now();
        assert_eq!(store.failure(json!(["get", "0-0"])), "unavailable");
        assert_eq!(store.failure(json!(["set", "lost", "x"])), "unavailable");
        assert!(began.elapsed() < Duration::from_secs(30), "a call hung");
        redis.restart().expect("the server comes back");
    }
    assert_eq!(acknowledged.len(), 150);
    for key in &acknowledged {
        assert_eq!(store.one(json!(["get", key])), json!(key));
    }
}

#[test]
fn load_goes_on_while_redis_is_killed() {
    let mut redis = Redis::start().expect("a Redis server");
    let kv = Kv::redis(&Secret::new(redis.url())).expect("an address").timeout(Duration::from_secs(2));
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (counted, counts) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (kv, stop, counted) = (&kv, &stop, counted.clone());
            scope.spawn(move || {
                let mut store = Store::with(kv);
                let mut done = Vec::new();
                let mut failed = 0;
                for number in 0.. {
                    if stop.load(std::sync::atomic::Ordering::Relaxed) {
                        break;
                    }
                    let key = format!("{thread}-{number}");
                    let result = store.one(json!(["set", key, "x"]));
                    match result["error"].as_str() {
                        None => done.push(key),
                        Some("unavailable" | "timeout") => failed += 1,
                        Some(other) => panic!("{other}"),
                    }
                    counted.send(()).expect("the test listens");
                }
                let lost: Vec<_> =
                    done.iter().filter(|key| store.one(json!(["get", key])) != json!("x")).collect();
                assert!(lost.is_empty(), "lost {lost:?} of {}; {failed} were not acknowledged", done.len());
            });
        }
        for _ in 0..2 {
            counts.iter().take(200).for_each(drop);
            redis.kill().expect("a server that runs");
            counts.iter().take(20).for_each(drop);
            redis.restart().expect("the server comes back");
        }
        counts.iter().take(200).for_each(drop);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn a_redis_that_does_not_answer_costs_no_more_than_the_time_allowed() {
    let mut redis = Redis::start().expect("a Redis server");
    let kv = Kv::redis(&Secret::new(redis.url())).expect("an address").timeout(Duration::from_millis(200));
    let mut store = Store::with(&kv);
    assert!(store.one(json!(["set", "a", "1"])).is_null());
    redis.pause().expect("a server that runs");
    assert_eq!(store.failure(json!(["get", "a"])), "timeout");
    // The call's own deadline is the shorter one.
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/build/rust_pdk_store.wasm");
    let mut hurried = Plugin::builder(Path::new(guest))
        .with(kv.clone().timeout(Duration::from_secs(600)))
        .timeout(Duration::from_millis(100))
        .build()
        .expect("a plug-in");
    let error = hurried.call::<u64, u64>("read", 1).expect_err("a call that waits too long");
    assert!(matches!(error.kind(), ErrorKind::Timeout), "{error}");
    redis.resume().expect("a server that waits");
    assert_eq!(store.one(json!(["get", "a"])), json!("1"));
}

#[test]
fn passwords_are_told_to_nobody() {
    let redis = Redis::setup().credentials("alice", "hunter2").start().expect("a Redis server");
    let kv = Kv::redis(&Secret::new(redis.url())).expect("an address");
    assert!(Store::with(&kv).one(json!(["set", "a", "1"])).is_null());
    let wrong = Secret::new(redis.url().replace("hunter2", "hunter3"));
    let kv = Kv::redis(&wrong).expect("an address");
    let result = Store::with(&kv).one(json!(["get", "a"]));
    assert_eq!(result["error"], "internal", "{result}");
    for shown in [result.to_string(), format!("{kv:?}"), format!("{wrong:?}")] {
        assert!(!shown.contains("hunter") && !shown.contains("alice"), "{shown}");
    }
    let error = Kv::redis(&Secret::new("redis://alice:hunter2@:x/")).expect_err("no address").to_string();
    assert!(!error.contains("hunter2"), "{error}");
}
