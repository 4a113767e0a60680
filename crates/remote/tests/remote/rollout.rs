//! Code from the store: by its hash, followed when it changes, without losing a call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use plugwright::{Manifest, Plugin, PluginSource, Wasm};
use plugwright_remote::{CodeCache, RemoteError, Store, Worker};
use plugwright_test_servers::Nats as Server;

use crate::support::{LONG, caller, connect, guest, raw, server, worker};

fn source(name: &str) -> PluginSource {
    guest(name).into_bytes().into()
}

async fn following(server: &Server) -> Worker {
    worker(server, |worker| worker.published("p", |source| Plugin::builder(source).timeout(LONG))).await
}

/// Calls until the output is this.
async fn until(server: &Server, name: &str) {
    let remote = caller(server).await;
    let changed = async {
        while remote.call_async::<_, String>("name", "").await.unwrap() != name {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, changed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn new_code_is_served_and_no_call_is_lost() {
    let server = server();
    let store: Store = connect(&server).await.store();
    let first = store.publish("p", source("one")).await.unwrap();
    assert_eq!((first.number, &first.earlier[..]), (1, &[][..]));
    assert_eq!(store.publish("p", source("one")).await.unwrap(), first);
    let workers = (following(&server).await, following(&server).await);
    assert_eq!(workers.0.published("p"), Some(first.clone()));

    let done = Arc::new(AtomicBool::new(false));
    let load = (0..8).map(|_| {
        let (done, server) = (done.clone(), server.url());
        tokio::spawn(async move {
            let nats = plugwright_remote::Nats::connect(server).await.unwrap();
            let remote = nats.plugin("p").unwrap();
            let mut calls = 0;
            while !done.load(Ordering::Relaxed) {
                let name: String = remote.call_async("name", "").await.unwrap();
                assert!(["one", "two", "three"].contains(&name.as_str()), "{name}");
                calls += 1;
            }
            calls
        })
    });
    let load: Vec<_> = load.collect();
    for (number, name) in [(2, "two"), (3, "three"), (4, "one")] {
        let published = store.publish("p", source(name)).await.unwrap();
        assert_eq!(published.number, number);
        while [&workers.0, &workers.1].iter().any(|worker| worker.published("p") != Some(published.clone())) {
            tokio::task::yield_now().await;
        }
        let remote = caller(&server).await;
        for _ in 0..20 {
            assert_eq!(remote.call_async::<_, String>("name", "").await.unwrap(), name);
        }
    }
    done.store(true, Ordering::Relaxed);
    for calls in load {
        assert!(calls.await.unwrap() > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_served_leaves_what_is_served() {
    let server = server();
    let store = connect(&server).await.store();
    let good = store.publish("p", source("good")).await.unwrap();
    let worker = following(&server).await;
    // An import that nothing satisfies, and then code whose hash is another.
    let bad = r#"(module (import "env" "unknown" (func)) (func (export "name")))"#;
    store.publish("p", bad.as_bytes().to_vec()).await.unwrap();
    let published = store.publish("q", source("other")).await.unwrap();
    let objects =
        async_nats::jetstream::new(raw(&server).await).get_object_store("plugwright-code").await.unwrap();
    objects.put(published.sha256.as_str(), &mut &b"\0asm\x01\0\0\0"[..]).await.unwrap();
    let error = following_q(&server).await.unwrap_err();
    assert!(matches!(&error, RemoteError::Plugin(error) if error.kind().name() == "HashMismatch"), "{error}");
    until(&server, "good").await;
    assert_eq!(worker.published("p"), Some(good));
    // What comes after it is served again.
    store.publish("p", source("better")).await.unwrap();
    until(&server, "better").await;
}

async fn following_q(server: &Server) -> Result<Worker, RemoteError> {
    connect(server).await.worker().published("q", Plugin::builder).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_published_is_an_error_and_so_is_a_grant() {
    let server = server();
    let error = following_q(&server).await.unwrap_err().to_string();
    assert!(error.contains("`q`") && error.contains("--publish"), "{error}");
    let store = connect(&server).await.store();
    let granting = Manifest::new([Wasm::data(guest("x").into_bytes())]).with_allowed_host("*");
    let error = store.publish("q", granting).await.unwrap_err().to_string();
    assert!(error.contains("grants"), "{error}");
    assert_eq!(store.published("q").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_cached_and_a_worker_starts_when_the_store_has_lost_it() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let cache = CodeCache::new(folder.path(), CodeCache::MAX_BYTES);
    let store = connect(&server).await.store();
    let published = store.publish("q", source("kept")).await.unwrap();
    let start = |cache: CodeCache| {
        let server = &server;
        async move {
            connect(server).await.worker().published("q", Plugin::builder).code_cache(cache).start().await
        }
    };
    drop(start(cache.clone()).await.unwrap());
    let objects =
        async_nats::jetstream::new(raw(&server).await).get_object_store("plugwright-code").await.unwrap();
    objects.delete(&published.sha256).await.unwrap();
    assert!(start(CodeCache::new(folder.path().join("other"), CodeCache::MAX_BYTES)).await.is_err());
    let _worker = start(cache).await.unwrap();
    let remote = connect(&server).await.plugin("q").unwrap();
    assert_eq!(remote.call_async::<_, String>("name", "").await.unwrap(), "kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_follows_a_server_that_was_restarted() {
    let mut server = server();
    let store = connect(&server).await.store();
    store.publish("p", source("before")).await.unwrap();
    let _worker = following(&server).await;
    server.restart().unwrap();
    let store = connect(&server).await.store();
    store.publish("p", source("after")).await.unwrap();
    let remote = caller(&server).await.wait(LONG).idempotent(true);
    let changed = async {
        while remote.call_async::<_, String>("name", "").await.unwrap() != "after" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, changed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn code_that_is_missing_is_served_when_it_is_there() {
    let server = server();
    let nats = connect(&server).await;
    let store = nats.store();
    store.publish("p", source("before")).await.unwrap();
    let _worker = following(&server).await;
    // A record without its code, as a server has it that has lost something.
    let context = async_nats::jetstream::new(raw(&server).await);
    let after = store.publish("other", source("after")).await.unwrap();
    let objects = context.get_object_store("plugwright-code").await.unwrap();
    objects.delete(&after.sha256).await.unwrap();
    let mut record = serde_json::to_value(&after).unwrap();
    record["number"] = 2.into();
    let records = context.get_key_value("plugwright-plugins").await.unwrap();
    records.put("p", record.to_string().into()).await.unwrap();
    until(&server, "before").await;
    // To publish it again repairs that, though the record says that it is there.
    assert_eq!(store.publish("p", source("after")).await.unwrap().number, 2);
    until(&server, "after").await;
    // So it does with code that is something else.
    objects.put(after.sha256.as_str(), &mut &b"\0asm\x01\0\0\0"[..]).await.unwrap();
    store.publish("p", source("after")).await.unwrap();
    let _other = following(&server).await;
}
