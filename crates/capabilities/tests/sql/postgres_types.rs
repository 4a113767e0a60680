//! What a plug-in's own types, and its statements, cost the host.

use std::time::Duration;

use plugwright_capabilities::sql::{SqlOptions, SqlStore};
use plugwright_capabilities::{Code, Secret};
use serde_json::json;

use crate::postgres::SERVER;
use crate::support::{Client, Step, execute, grant, query};

/// A plug-in with so many connections at the most, and time on a machine that is busy.
fn client(namespace: &str, connections: usize) -> Client {
    let mut options = SqlOptions::default();
    options.operation_timeout = Duration::from_secs(60);
    options.max_connections = connections;
    let store = SqlStore::postgres(&Secret::new(SERVER.url()), None, options).expect("a store");
    Client::new(store.granted(grant(namespace)))
}

#[test]
fn types_that_are_nested_deeply_do_not_overflow_the_hosts_stack() {
    let mut client = client("deep", 1);
    client.execute("CREATE DOMAIN d0 AS int", json!([]));
    let make = "DO $$ BEGIN FOR i IN 1..2000 LOOP \
                EXECUTE format('CREATE DOMAIN d%s AS d%s', i, i - 1); \
                IF i % 500 = 0 THEN COMMIT; END IF; END LOOP; END $$";
    client.execute(make, json!([]));
    let told = client.step(query("SELECT $1::d2000", json!([1]))).expect_err("too deep");
    assert_eq!(told.code, Code::TooLarge, "{told}");
    assert!(told.message.contains("cast"), "{told}");
    // Neither step by step: the client would keep what it has seen, and free it by recursion as well.
    let deeper =
        [50, 100, 150, 200, 250, 300].map(|depth| query(&format!("SELECT $1::d{depth}"), json!([1])));
    let told = client.steps(&deeper);
    assert_eq!(told[0].as_ref().expect("not too deep")["rows"], json!([[1]]));
    assert_eq!(told[5].as_ref().expect_err("too deep").code, Code::TooLarge);
    assert_eq!(client.rows("SELECT 1", json!([])), json!([[1]]), "the plug-in goes on");
}

#[test]
fn a_type_with_many_names_is_not_read() {
    let mut client = client("names", 1);
    let make = "DO $$ BEGIN EXECUTE 'CREATE TYPE many AS ENUM (' || \
                (SELECT string_agg(quote_literal(repeat('x', 50) || n), ',') FROM generate_series(1, 30000) n) \
                || ')'; END $$";
    client.execute(make, json!([]));
    assert_eq!(client.refusal("SELECT NULL::many"), Code::TooLarge);
    assert_eq!(client.rows("SELECT NULL::many::text", json!([])), json!([[null]]));
}

#[test]
fn statements_that_are_kept_are_bounded_by_their_bytes() {
    let mut client = client("kept", 1);
    let padding = "x".repeat(100_000);
    let mut steps: Vec<Step> =
        (0..25).map(|n| query(&format!("SELECT {n} /* {padding} */"), json!([]))).collect();
    steps.push(query(&format!("SELECT 25 /* {} */", "y".repeat(500_000)), json!([])));
    steps.push(query("SELECT sum(length(statement)) FROM pg_prepared_statements", json!([])));
    let told = client.steps(&steps);
    assert!(told.iter().all(Result::is_ok), "{told:?}");
    let kept = told[26].as_ref().expect("a sum")["rows"][0][0].as_i64().expect("a number");
    assert!((100_000..=1 << 20).contains(&kept), "{kept} bytes");
}

#[test]
fn what_cannot_be_read_is_not_done() {
    let mut client = client("unread", 1);
    client.execute("CREATE TABLE t (n INTEGER, i INTERVAL)", json!([]));
    let failure = client.refused("INSERT INTO t VALUES (1, '1 day') RETURNING i");
    assert_eq!(failure.code, Code::Invalid);
    assert!(failure.message.contains("`i`") && failure.message.contains("cast it to text"), "{failure}");
    assert_eq!(client.rows("SELECT count(*) FROM t", json!([])), json!([[0]]));
    // What is refused so ends neither the connection nor what was begun on it before.
    let told = client.steps(&[
        execute("SET application_name = 'mine'", json!([])),
        query("SELECT '1 day'::interval", json!([])),
        query("SELECT current_setting('application_name')", json!([])),
    ]);
    assert_eq!(told[2].as_ref().expect("it goes on")["rows"], json!([["mine"]]));
    // All that is read, but for what other tests have.
    client.execute("CREATE DOMAIN positive AS int CHECK (VALUE > 0)", json!([]));
    let rows = client.rows(
        "SELECT 1::oid, 'a'::char(2), 'a'::varchar, 'a'::name, '<a/>'::xml, pg_notify('a', 'b'), '{}'::json, 1.5::float8, \
         3::positive, ARRAY[3::positive], ARRAY['2026-11-21'::date], 1::bigint, true, '\\xff'::bytea, 'x'",
        json!([]),
    );
    let expected = json!([[
        1, "a ", "a", "a", "<a/>", null, {}, 1.5, 3, [3], ["2026-11-21"], 1, true, {"base64": "/w=="}, "x"
    ]]);
    assert_eq!(rows, expected);
}
