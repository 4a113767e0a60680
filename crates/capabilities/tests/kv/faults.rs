//! What happens when things fail: servers, disks, the host itself.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use plugwright::{ErrorKind, Plugin};
use plugwright_capabilities::{Kv, Secret};
use plugwright_test_servers::Redis;
use serde_json::json;

use crate::store::Store;

/// Tells a child process of these tests which file to write to.
const FILE: &str = "PLUGWRIGHT_TEST_KV_FILE";

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

/// This test again, in a process of its own, which sees the file's name.
fn child(file: &Path, test: &str, shell: &str) -> Child {
    let this = std::env::current_exe().expect("a program");
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{shell} exec \"$@\"")).arg("sh").arg(this);
    command.args(["--exact", test, "--nocapture"]).env(FILE, file);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a process")
}

/// The keys that a child says it has written.
fn written(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
    lines.filter_map(|line| Some(line.split_once("written ")?.1.to_owned()))
}

#[test]
fn a_killed_host_loses_nothing_that_was_acknowledged() {
    if let Some(file) = std::env::var_os(FILE) {
        // The child: writes until it is killed.
        let mut store = Store::with(&Kv::open(file).expect("the store"));
        for number in 0.. {
            let key = number.to_string();
            assert!(store.one(json!(["set", key, key])).is_null());
            println!("written {key}");
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data.redb");
    let mut known = 0;
    for round in 1..=3 {
        let mut child = child(&file, "faults::a_killed_host_loses_nothing_that_was_acknowledged", "");
        let mut written = written(&mut child);
        let acknowledged = written.nth(20 * round).expect("a child that writes");
        child.kill().expect("a child that runs");
        // What it said before it was killed counts, too.
        let last = written.last().unwrap_or(acknowledged);
        child.wait().expect("a child that ends");
        let last: usize = last.parse().expect("a number");
        known = known.max(last);
        let mut store = Store::with(&Kv::open(&file).expect("a store that a dead process left"));
        for number in 0..=known {
            assert_eq!(store.one(json!(["get", number.to_string()])), json!(number.to_string()));
        }
    }
}

#[test]
fn a_full_disk_is_a_failure_and_costs_nothing_that_was_acknowledged() {
    if let Some(file) = std::env::var_os(FILE) {
        // The child: writes until there is no room, reads all of it, makes room, writes again.
        let mut store = Store::with(&Kv::open(file).expect("the store"));
        let value = "x".repeat(100_000);
        let mut count = 0;
        let failure = loop {
            let result = store.one(json!(["set", count.to_string(), value]));
            if !result.is_null() {
                break result;
            }
            count += 1;
            assert!(count < 1000, "the disk is not full");
        };
        assert_eq!(failure["error"], "unavailable", "{failure}");
        for number in 0..count {
            assert_eq!(store.one(json!(["get", number.to_string()])), json!(value));
        }
        assert_eq!(store.one(json!(["get", count.to_string()])), json!(null));
        println!("written {count}");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data.redb");
    // No file of the child may be larger than this. The signal that would end it is ignored, so that writing fails.
    let limit = "trap '' XFSZ; ulimit -f 16384;";
    let mut child =
        child(&file, "faults::a_full_disk_is_a_failure_and_costs_nothing_that_was_acknowledged", limit);
    let count = written(&mut child).last();
    assert!(child.wait().expect("a child that ends").success(), "the child failed");
    let count: usize = count.expect("a child that got so far").parse().expect("a number");
    assert!(count > 0);
    // Without the limit there is room again.
    let mut store = Store::with(&Kv::open(&file).expect("the store"));
    for number in 0..count {
        assert_ne!(store.one(json!(["get", number.to_string()])), json!(null));
    }
    assert!(store.one(json!(["set", "more", "x".repeat(1_000_000)])).is_null());
}
