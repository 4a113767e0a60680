//! Statements in SQLite that wait for another's transaction.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use plugwright::{Capability, ErrorKind, HostFunction, ValType};
use plugwright_capabilities::sql::{SqlOptions, SqlStore};
use plugwright_capabilities::{Code, Grant, reply};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Client, Step, execute, grant, query, replies, script};

/// A folder, and a store in it with all the time that anybody needs.
fn store(change: impl FnOnce(&mut SqlOptions)) -> (TempDir, SqlStore) {
    let folder = TempDir::new().expect("a folder");
    let mut options = SqlOptions::default();
    options.operation_timeout = Duration::from_secs(600);
    change(&mut options);
    let store = SqlStore::sqlite(folder.path(), options).expect("a store");
    (folder, store)
}

/// A plug-in with this grant whose `sql_rollback` says that it was called, and waits until it may go on.
fn holder(store: &SqlStore, grant: Grant) -> (Client, Receiver<()>, Sender<()>) {
    let (entered, inside) = mpsc::channel();
    let (leave, left) = mpsc::channel();
    let left = Mutex::new(left);
    let waits = HostFunction::raw("sql_rollback", [], [ValType::I64], move |plugin, _, results| {
        entered.send(())?;
        left.lock().expect("no panic").recv()?;
        results[0] = plugwright::Val::I64(plugin.alloc_bytes(&reply::done())?.offset().cast_signed());
        Ok(())
    });
    let mut functions = store.granted(grant).host_functions();
    functions.retain(|function| function.name() != "sql_rollback");
    functions.push(waits);
    (Client::with_functions(functions), inside, leave)
}

#[test]
fn a_call_that_is_awaited_leaves_its_thread_to_others() {
    let (_folder, store) = store(|_| ());
    Client::new(store.granted(grant("held"))).execute("CREATE TABLE t (n INTEGER)", json!([]));
    let (mut holder, inside, leave) = holder(&store, grant("held"));
    let mut writer = Client::new(store.granted(grant("held")));
    let mut other = Client::new(store.granted(grant("other")));
    let insert = execute("INSERT INTO t VALUES (1)", json!([]));
    thread::scope(|scope| {
        // Dropped if something is not as expected: nobody waits for ever then.
        let leave = leave;
        let held = scope.spawn({
            let insert = insert.clone();
            move || holder.steps(&[Step::Begin, insert, Step::Rollback, Step::Commit])
        });
        inside.recv().expect("the transaction has begun");
        // On one thread: the writer is asked first, and waits for what ends after the other's call.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let write = async {
                let output: Vec<u8> = writer.plugin.call_async("run", script(&[insert])).await?;
                Ok::<_, plugwright::Error>(replies(&output))
            };
            let others = async {
                let select = script(&[query("SELECT 1", json!([]))]);
                let output: Vec<u8> = other.plugin.call_async("run", select).await?;
                leave.send(()).expect("the holder waits");
                Ok::<_, plugwright::Error>(replies(&output))
            };
            let (written, read) = tokio::join!(write, others);
            assert_eq!(read.expect("a call that ends")[0].as_ref().expect("rows")["rows"], json!([[1]]));
            let written = written.expect("a call that ends");
            assert_eq!(written[0].as_ref().expect("a count")["rows_affected"], json!(1));
        });
        assert!(held.join().expect("no panic").iter().all(Result::is_ok));
    });
    let mut reader = Client::new(store.granted(grant("held")));
    assert_eq!(reader.rows("SELECT count(*) FROM t", json!([])), json!([[2]]));
}

#[test]
fn a_transaction_goes_on_however_many_wait_for_it() {
    let (_folder, store) = store(|_| ());
    Client::new(store.granted(grant("held"))).execute("CREATE TABLE t (n INTEGER)", json!([]));
    let insert = execute("INSERT INTO t VALUES (1)", json!([]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let calls = (0..100).map(|_| {
            let mut writer = Client::new(store.granted(grant("held")));
            let script = script(&[Step::Begin, insert.clone(), insert.clone(), Step::Commit]);
            async move {
                let output: Vec<u8> = writer.plugin.call_async("run", script).await.expect("it ends");
                assert!(replies(&output).iter().all(Result::is_ok));
            }
        });
        futures_util::future::join_all(calls).await;
    });
    let mut reader = Client::new(store.granted(grant("held")));
    assert_eq!(reader.rows("SELECT count(*) FROM t", json!([])), json!([[200]]));
}

#[test]
fn what_waits_ends_when_its_call_is_cancelled() {
    let (_folder, store) = store(|_| ());
    Client::new(store.granted(grant("held"))).execute("CREATE TABLE t (n INTEGER)", json!([]));
    let (mut holder, inside, leave) = holder(&store, grant("held"));
    let mut writer = Client::new(store.granted(grant("held")));
    let cancel = writer.plugin.cancel_handle();
    let insert = execute("INSERT INTO t VALUES (1)", json!([]));
    thread::scope(|scope| {
        // Dropped if something is not as expected: nobody waits for ever then.
        let leave = leave;
        let held = scope.spawn({
            let insert = insert.clone();
            move || holder.steps(&[Step::Begin, insert, Step::Rollback, Step::Commit])
        });
        inside.recv().expect("the transaction has begun");
        let waiting = scope.spawn(move || writer.call(&[insert]));
        while !cancel.cancel() {
            thread::yield_now();
        }
        let error = waiting.join().expect("no panic").expect_err("it was cancelled");
        assert!(matches!(error.kind(), ErrorKind::Cancelled), "{error}");
        leave.send(()).expect("the holder waits");
        assert!(held.join().expect("no panic").iter().all(Result::is_ok));
    });
}

#[test]
fn the_log_grows_no_larger_than_the_database_may_be() {
    let (_folder, store) = store(|options| options.max_database_bytes = 17 << 20);
    let mut writer = Client::new(store.granted(grant("held")));
    writer.execute("CREATE TABLE t (a BLOB)", json!([]));
    writer.execute("INSERT INTO t VALUES (zeroblob(1000000))", json!([]));
    // One that may only read keeps no writer waiting, but an older state in the log.
    let (mut reader, inside, leave) = holder(&store, grant("held").read_only(true));
    let update = execute("UPDATE t SET a = randomblob(1000000)", json!([]));
    thread::scope(|scope| {
        // Dropped if something is not as expected: nobody waits for ever then.
        let leave = leave;
        let held = scope.spawn(move || {
            reader.steps(&[Step::Begin, query("SELECT count(*) FROM t", json!([])), Step::Rollback])
        });
        inside.recv().expect("it reads");
        let refused = (0..40).find_map(|_| writer.step(update.clone()).err()).expect("not 40 MB of log");
        assert_eq!(refused.code, Code::Unavailable, "{refused}");
        leave.send(()).expect("it waits");
        assert!(held.join().expect("no panic").iter().all(Result::is_ok));
    });
    assert!(writer.step(update).is_ok(), "the log is made smaller when nobody reads it");
}
