//! What a plug-in is told of statements that did not come to their end, and what becomes of its connection.

use std::time::Duration;

use plugwright::{Capability, Plugin};
use plugwright_capabilities::sql::{SqlOptions, SqlStore};
use plugwright_capabilities::{Code, Limits, Secret};
use serde_json::json;

use crate::postgres::SERVER;
use crate::support::{Client, Step, execute, grant, limited, query};

const UNKNOWN: &str = "is not known";

fn store(operation_timeout: Duration, connections: usize) -> SqlStore {
    let mut options = SqlOptions::default();
    options.operation_timeout = operation_timeout;
    options.max_connections = connections;
    SqlStore::postgres(&Secret::new(SERVER.url()), None, options).expect("a store")
}

/// One connection, and enough time on a machine that is busy.
fn patient() -> SqlStore {
    store(Duration::from_secs(60), 1)
}

/// Operations that soon take too long. Whoever comes next does not wait for the connection of such a one to end.
fn impatient() -> SqlStore {
    store(Duration::from_secs(2), 4)
}

#[test]
fn a_commit_without_an_answer_is_not_said_to_be_rolled_back() {
    let mut client = Client::new(patient().granted(grant("commits")));
    client.execute("CREATE TABLE t (n INTEGER)", json!([]));
    client.execute(
        "CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1000); RETURN NULL; END'",
        json!([]),
    );
    client.execute(
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sleep()",
        json!([]),
    );
    let mut client = Client::new(impatient().granted(grant("commits")));
    let insert = execute("INSERT INTO t VALUES (1)", json!([]));
    let told = client.steps(&[Step::Begin, insert, Step::Commit, Step::Commit, Step::Begin, Step::Rollback]);
    let failure = told[2].as_ref().expect_err("the commit takes too long");
    assert_eq!(failure.code, Code::Timeout);
    assert!(failure.message.contains(UNKNOWN), "{failure}");
    assert_eq!(told[3].as_ref().expect_err("there is nothing to commit").code, Code::Invalid, "{told:?}");
    // The call can go on.
    assert_eq!(told[4], Ok(json!(null)));
}

#[test]
fn a_statement_that_was_stopped_may_have_changed_something() {
    let mut client = Client::new(impatient().granted(grant("stops")));
    let sleep = query("SELECT pg_sleep(1000)", json!([]));
    let failure = client.step(sleep.clone()).expect_err("it takes too long");
    assert_eq!(failure.code, Code::Timeout);
    assert!(failure.message.contains(UNKNOWN), "{failure}");
    let told = client.steps(&[Step::Begin, sleep]);
    let failure = told[1].as_ref().expect_err("it takes too long");
    assert!(!failure.message.contains(UNKNOWN), "it is rolled back: {failure}");
}

#[test]
fn a_result_that_is_too_large_says_what_is_open() {
    let limits = Limits { max_value_bytes: 10_000, ..Limits::default() };
    let mut client = Client::new(patient().granted(limited("open", limits.clone())));
    client.execute("CREATE TABLE t (n INTEGER, a TEXT)", json!([]));
    let insert = "INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(1, 1000) n RETURNING a";
    // A row that is larger than a message may be is refused in another way.
    let large = "INSERT INTO t VALUES (1, repeat('x', 5000000)) RETURNING a";
    for statement in [insert, large] {
        let failure = client.refused(statement);
        assert_eq!(failure.code, Code::TooLarge);
        assert!(failure.message.contains(UNKNOWN), "{failure}");
        client.execute("DELETE FROM t", json!([]));
        let told = client.steps(&[Step::Begin, query(statement, json!([])), Step::Commit]);
        let failure = told[1].as_ref().expect_err("too large");
        assert!(!failure.message.contains(UNKNOWN), "{failure}");
        assert_eq!(told[2].as_ref().expect_err("rolled back").code, Code::Conflict);
        assert_eq!(client.rows("SELECT count(*) FROM t", json!([])), json!([[0]]));
    }
    let mut reader = Client::new(patient().granted(limited("open", limits).read_only(true)));
    let failure = reader.refused("SELECT repeat('x', 100) FROM generate_series(1, 1000)");
    assert_eq!(failure.code, Code::TooLarge);
    assert!(!failure.message.contains(UNKNOWN), "a reader changes nothing: {failure}");
}

#[test]
fn rows_without_end_are_too_large_for_a_reader_as_well() {
    // Whoever waits for the last row waits in vain.
    let mut reader = Client::new(patient().granted(grant("endless").read_only(true)));
    let series = "SELECT generate_series(1, 1000000000000)";
    let told = reader.steps(&[query(series, json!([])), query("SELECT 1", json!([]))]);
    assert_eq!(told[0].as_ref().expect_err("too many rows").code, Code::TooLarge);
    assert_eq!(told[1].as_ref().expect("the call goes on")["rows"], json!([[1]]));
}

#[test]
fn a_table_that_was_changed_is_read_as_it_is_now() {
    let store = patient();
    let mut writer = Client::new(store.granted(grant("altered")));
    let mut reader = Client::new(store.granted(grant("altered").read_only(true)));
    writer.execute("CREATE TABLE t (a INTEGER)", json!([]));
    writer.execute("INSERT INTO t VALUES (1)", json!([]));
    let read = query("SELECT * FROM t", json!([]));
    let mut expected = vec![json!(1)];
    for client in [&mut writer, &mut reader] {
        assert_eq!(client.step(read.clone()).expect("rows")["rows"], json!([expected]));
    }
    let mut alter = |writer: &mut Client, column: &str| {
        writer.execute(&format!("ALTER TABLE t ADD COLUMN {column} INTEGER DEFAULT 2"), json!([]));
        expected.push(json!(2));
        json!([expected])
    };
    let rows = alter(&mut writer, "b");
    assert_eq!(
        reader.step(read.clone()).expect("rows")["rows"],
        rows,
        "with nothing but the reader's transaction"
    );
    assert_eq!(writer.step(read.clone()).expect("rows")["rows"], rows);
    // In a transaction of its own the plug-in must begin again, and need not do so twice.
    let rows = alter(&mut writer, "c");
    for client in [&mut writer, &mut reader] {
        let told = client.steps(&[
            Step::Begin,
            read.clone(),
            Step::Rollback,
            Step::Begin,
            read.clone(),
            Step::Commit,
        ]);
        let failure = told[1].as_ref().expect_err("the transaction has failed by that");
        assert_eq!(failure.code, Code::Conflict, "{failure}");
        assert!(failure.message.contains("sql_rollback"), "{failure}");
        assert_eq!(told[4].as_ref().expect("rows")["rows"], rows);
        assert_eq!(told[5], Ok(json!(null)));
    }
}

#[test]
fn statements_of_the_host_that_were_removed_spoil_no_later_call() {
    let mut client = Client::new(patient().granted(grant("removed")));
    let removals = ["DEALLOCATE ALL", "DISCARD ALL", "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$"];
    for (number, removal) in removals.into_iter().enumerate() {
        // The client asks for each type by statements that it has prepared once.
        let mood = |name: &str| query(&format!("SELECT 'sad'::{name}{number}"), json!([]));
        for name in ["a", "b", "c", "d"] {
            client.execute(&format!("CREATE TYPE {name}{number} AS ENUM ('sad', 'happy')"), json!([]));
        }
        let told = client.steps(&[
            mood("a"),
            execute(removal, json!([])),
            mood("b"),
            mood("b"),
            mood("c"),
            mood("a"),
        ]);
        let failure = told[2].as_ref().expect_err("the connection is of no use");
        assert_eq!(failure.code, Code::Conflict, "{failure}");
        for told in &told[3..] {
            assert_eq!(told.as_ref().expect("on another connection")["rows"], json!([["sad"]]), "{removal}");
        }
        client.steps(&[mood("a"), execute(removal, json!([]))]);
        assert_eq!(client.step(mood("d")).expect("in the next call")["rows"], json!([["sad"]]), "{removal}");
    }
}

#[test]
fn a_time_that_the_server_cannot_have_is_its_longest() {
    let mut client = Client::new(store(Duration::from_millis(u64::MAX), 1).granted(grant("long")));
    assert_eq!(client.rows("SELECT 1", json!([])), json!([[1]]));
}

/// Inserts into the database of its usual module, and then into that of the module `b`.
const TWO: &str = r#"(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/user" "sql_execute" (func $execute_a (param i64 i64) (result i64)))
  (import "extism:host/user" "sql_begin" (func $begin_a (result i64)))
  (import "extism:host/user" "sql_commit" (func $commit_a (result i64)))
  (import "b" "sql_execute" (func $execute_b (param i64 i64) (result i64)))
  (import "b" "sql_begin" (func $begin_b (result i64)))
  (memory 1)
  (data (i32.const 0) "INSERT INTO t VALUES (1)")
  (func $insert (result i64) (local $block i64) (local $i i32)
    (local.set $block (call $alloc (i64.const 24)))
    (loop $next
      (call $store (i64.add (local.get $block) (i64.extend_i32_u (local.get $i))) (i32.load8_u (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 24))))
    (local.get $block))
  (func $check (param $reply i64)
    (if (call $load (local.get $reply)) (then unreachable)))
  ;; The transaction of `b` is left open.
  (func (export "run") (result i32)
    (call $check (call $begin_a))
    (call $check (call $begin_b))
    (call $check (call $execute_a (call $insert) (i64.const 0)))
    (call $check (call $execute_b (call $insert) (i64.const 0)))
    (call $check (call $commit_a))
    (i32.const 0)))"#;

#[test]
fn two_databases_of_a_plug_in_are_two() {
    let store = patient();
    let grants = [grant("first"), grant("second")];
    let [mut first, mut second] = grants.clone().map(|grant| Client::new(store.granted(grant)));
    for client in [&mut first, &mut second] {
        client.execute("CREATE TABLE t (n INTEGER)", json!([]));
    }
    let [a, b] = grants.map(|grant| store.granted(grant).host_functions());
    let b = b.into_iter().map(|function| function.in_module("b"));
    let plugin = Plugin::builder(TWO.as_bytes().to_vec()).host_functions(a.into_iter().chain(b)).build();
    let _: Vec<u8> = plugin.expect("a plug-in").call("run", "").expect("each has its own transaction");
    assert_eq!(first.rows("SELECT count(*) FROM t", json!([])), json!([[1]]));
    assert_eq!(second.rows("SELECT count(*) FROM t", json!([])), json!([[0]]), "it was not committed");
}
