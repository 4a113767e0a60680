//! PostgreSQL.

use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use plugwright_capabilities::sql::{SqlOptions, SqlStore};
use plugwright_capabilities::{Code, Secret};
use plugwright_test_servers::Postgres;
use serde_json::{Value, json};

use crate::same::tests_on;
use crate::support::{Client, Fixture, Step, execute, grant, query};

pub(crate) const PASSWORD: &str = "verysecret";

/// A server that asks for passwords. It is never dropped, and ends with the process.
pub(crate) static SERVER: LazyLock<Postgres> = LazyLock::new(start);

fn start() -> Postgres {
    Postgres::setup().credentials("host", PASSWORD).start().expect("a server")
}

fn store(url: &str) -> SqlStore {
    let mut options = SqlOptions::default();
    options.operation_timeout = Duration::from_secs(5);
    options.max_connections = 4;
    SqlStore::postgres(&Secret::new(url), None, options).expect("a store")
}

struct Shared(SqlStore);

impl Shared {
    fn new() -> Self {
        Self(store(&SERVER.url()))
    }
}

impl Fixture for Shared {
    fn store(&self) -> SqlStore {
        self.0.clone()
    }

    fn endless(&self) -> &'static str {
        "SELECT count(*) FROM generate_series(1, 1000000000000)"
    }

    fn bytes(&self) -> &'static str {
        "BYTEA"
    }
}

tests_on!(Shared::new());

#[test]
fn a_statement_cannot_leave_its_schema_or_its_role() {
    let fixture = Shared::new();
    let mut victim = fixture.plugin("victim");
    victim.execute("CREATE TABLE gold (n INTEGER)", json!([]));
    SERVER.psql("CREATE TABLE IF NOT EXISTS public.payroll (n int)").expect("the operator's own table");
    let mut client = fixture.plugin("hostile");
    for statement in [
        "SELECT * FROM plugwright_victim.gold",
        "INSERT INTO plugwright_victim.gold VALUES (1)",
        "SELECT * FROM public.payroll",
        "SET ROLE host",
        "SET ROLE plugwright_victim",
        "SET SESSION AUTHORIZATION host",
        "SELECT set_config('role', 'host', false)",
        "SELECT set_config('session_authorization', 'host', false)",
        "DO $$ BEGIN EXECUTE 'SET ROLE host'; END $$",
        "DO $$ BEGIN EXECUTE 'SET SESSION AUTHORIZATION plugwright_victim'; END $$",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''true'''; END $$",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('/')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '/tmp/x')",
        "SELECT * FROM pg_authid",
        "CREATE TABLE public.x (n int)",
        "CREATE SCHEMA x",
        "CREATE ROLE x",
        "CREATE DATABASE x",
        "ALTER ROLE plugwright_hostile CREATEROLE",
        "ALTER ROLE plugwright_hostile SUPERUSER",
        "ALTER ROLE host PASSWORD 'x'",
        "GRANT host TO plugwright_hostile",
        "DROP SCHEMA plugwright_hostile CASCADE",
        "ALTER SYSTEM SET port = 1",
        "SELECT pg_reload_conf()",
        "CREATE EVENT TRIGGER t ON ddl_command_start EXECUTE FUNCTION x()",
        "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/tmp/x.so', 'f'",
        "CREATE SERVER s FOREIGN DATA WRAPPER w",
        "CREATE EXTENSION dblink",
        "LOAD '/tmp/x.so'",
    ] {
        let failure = client.refused(statement);
        assert!(!failure.message.contains(PASSWORD));
        assert!(
            matches!(failure.code, Code::Forbidden | Code::Invalid | Code::Internal),
            "{statement}: {failure:?}"
        );
    }
    // What is allowed changes nothing: there is nothing to go back to.
    let roles = "SELECT CURRENT_USER::text, SESSION_USER::text";
    for statement in
        ["RESET ROLE", "RESET SESSION AUTHORIZATION", "DISCARD ALL", "SET search_path = plugwright_victim"]
    {
        let told = client.steps(&[execute(statement, json!([])), query(roles, json!([]))]);
        let now = told[1].as_ref().expect("who it is")["rows"].clone();
        assert_eq!(now, json!([["plugwright_hostile", "plugwright_hostile"]]), "{statement}");
        assert!(client.step(query("SELECT * FROM plugwright_victim.gold", json!([]))).is_err());
    }
    assert_eq!(victim.rows("SELECT count(*) FROM gold", json!([])), json!([[0]]));
}

#[test]
fn a_reader_cannot_become_a_writer() {
    let fixture = Shared::new();
    let mut writer = fixture.plugin("locked");
    writer.execute("CREATE TABLE t (n INTEGER)", json!([]));
    let mut reader = fixture.client(grant("locked").read_only(true));
    for first in [
        "SET TRANSACTION READ WRITE",
        "SET transaction_read_only = off",
        "SET default_transaction_read_only = off",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        "SET ROLE plugwright_locked",
        "RESET ALL",
    ] {
        for second in ["INSERT INTO t VALUES (1)", "CREATE TEMP TABLE x (n int)"] {
            let told = reader.steps(&[query(first, json!([])), query(second, json!([]))]);
            assert!(told[1].is_err(), "{first}; {second}");
            let told =
                reader.steps(&[Step::Begin, query(first, json!([])), query(second, json!([])), Step::Commit]);
            assert!(told[2].is_err(), "{first}; {second}");
        }
    }
    assert_eq!(writer.rows("SELECT count(*) FROM t", json!([])), json!([[0]]));
}

#[test]
fn a_session_leaves_nothing_to_the_next_call() {
    let mut options = SqlOptions::default();
    options.max_connections = 1;
    let store = SqlStore::postgres(&Secret::new(SERVER.url()), None, options).expect("a store");
    let mut client = Client::new(store.granted(grant("sessions")));
    client.execute("CREATE TABLE t (n INTEGER)", json!([]));
    client.steps(&[
        execute("CREATE TEMP TABLE left_over (n INTEGER)", json!([])),
        execute("SET statement_timeout = 0", json!([])),
        execute("SET search_path = pg_catalog", json!([])),
        query("SELECT pg_advisory_lock(7)", json!([])),
    ]);
    assert_eq!(client.refusal("SELECT * FROM left_over"), Code::Invalid);
    assert_eq!(client.rows("SELECT count(*) FROM t", json!([])), json!([[0]]));
    let setting = client.rows("SELECT current_setting('statement_timeout')", json!([]));
    assert_eq!(setting, json!([["6s"]]));
    let locks =
        client.rows("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7", json!([]));
    assert_eq!(locks, json!([[0]]));
    client.execute("PREPARE mine AS SELECT 1", json!([]));
    assert_eq!(client.rows("SELECT name FROM pg_prepared_statements WHERE from_sql", json!([])), json!([]));
}

#[test]
fn statements_end_that_resist_being_cancelled() {
    let mut options = SqlOptions::default();
    options.operation_timeout = Duration::from_millis(500);
    options.max_connections = 1;
    let store = SqlStore::postgres(&Secret::new(SERVER.url()), None, options).expect("a store");
    let mut client = Client::new(store.granted(grant("stubborn")));
    // The first operation makes the role, which may take longer than this limit on a busy machine.
    Shared::new().plugin("stubborn").rows("SELECT 1", json!([]));
    let stubborn = "DO $$ BEGIN SET statement_timeout = 0; LOOP BEGIN PERFORM pg_sleep(1000); \
                    EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$";
    assert_eq!(client.refusal(stubborn), Code::Timeout);
    // The only place for a connection is free again once the statement has ended.
    let free = (0..100).any(|_| client.step(query("SELECT 1", json!([]))).is_ok());
    assert!(free, "the statement holds its connection for ever");
    let running =
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'plugwright_stubborn' AND state = 'active'";
    let ended = (0..200).any(|_| SERVER.psql(running).expect("a count") == "0");
    assert!(ended, "the statement goes on");
}

#[test]
fn a_role_whose_password_was_changed_is_put_right() {
    let mut client = Shared::new().plugin("changed");
    client.execute("ALTER ROLE CURRENT_USER PASSWORD 'mine'", json!([]));
    client.execute("ALTER ROLE CURRENT_USER SET search_path = pg_catalog", json!([]));
    let mut other = Shared::new().plugin("changed");
    assert_eq!(
        other.rows("SELECT current_setting('search_path')", json!([])),
        json!([["\"plugwright_changed\""]])
    );
}

#[test]
fn types_that_json_does_not_have_are_texts() {
    let mut client = Shared::new().plugin("types");
    client.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')", json!([]));
    let rows = client.rows(
        "SELECT 12345.670::numeric, '2026-11-21'::date, '2026-11-21 22:44:01.5'::timestamp, \
         '2026-11-21 22:44:01+00'::timestamptz, '01:02:03'::time, 'happy'::mood, 1.5::real, ARRAY[1, NULL, 3], \
         '00112233-4455-6677-8899-aabbccddeeff'::uuid, 'NaN'::float8, '{\"a\": 1}'::jsonb, 7::smallint",
        json!([]),
    );
    let expected = json!([[
        "12345.670", "2026-11-21", "2026-11-21T22:44:01.5", "2026-11-21T22:44:01Z", "01:02:03", "happy", 1.5,
        [1, null, 3], "00112233-4455-6677-8899-aabbccddeeff", "NaN", {"a": 1}, 7
    ]]);
    assert_eq!(rows, expected);
    let told = client.steps(&[query(
        "SELECT $1::mood = 'sad', $2::numeric, 2 = ANY($3::int[]), $4::date",
        json!(["sad", "1.10", [1, 2], "2026-01-02"]),
    )]);
    assert_eq!(told[0].as_ref().expect("parameters")["rows"], json!([[true, "1.10", true, "2026-01-02"]]));
    let failure = client.refused("SELECT '1 day'::interval");
    assert!(failure.message.contains("cast it to text"), "{failure}");
}

#[test]
fn a_row_that_is_too_large_never_reaches_the_host() {
    // However busy the machine is: the server makes these rows before it sends them.
    let mut options = SqlOptions::default();
    options.operation_timeout = Duration::from_secs(60);
    let store = SqlStore::postgres(&Secret::new(SERVER.url()), None, options).expect("a store");
    let mut client = Client::new(store.granted(grant("large")));
    assert_eq!(client.refusal("SELECT repeat('x', 200000000)"), Code::TooLarge);
    assert_eq!(client.refusal("SELECT repeat('x', 1000), generate_series(1, 100000000)"), Code::TooLarge);
    assert_eq!(client.rows("SELECT 1", json!([])), json!([[1]]));
}

#[test]
fn an_account_that_is_refused_is_not_told_to_plugins() {
    let wrong = SERVER.url().replace(PASSWORD, "wrongsecret");
    let store = store(&wrong);
    let failure = Client::new(store.granted(grant("refused"))).refused("SELECT 1");
    assert_eq!(failure.code, Code::Unavailable);
    assert!(!failure.message.contains("secret") && !failure.message.contains("host@"), "{failure}");
    assert!(!format!("{store:?}").contains("secret"));
    let log = SERVER.log().expect("a log");
    assert!(!log.contains(PASSWORD));
}

#[test]
fn no_acknowledged_write_is_lost_when_the_server_is_killed() {
    let mut server = start();
    let store = store(&server.url());
    let mut client = Client::new(store.granted(grant("load")));
    client.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)", json!([]));
    let writer = thread::spawn(move || {
        let mut acknowledged = Vec::new();
        let mut has_failed = false;
        for number in 0_i64..100_000 {
            let insert = execute("INSERT INTO t VALUES ($1)", json!([number]));
            let told = client.steps(&[Step::Begin, insert, Step::Commit]);
            match &told[2] {
                Ok(_) => acknowledged.push(number),
                Err(_) => {
                    has_failed = true;
                    let codes: Vec<_> = told.iter().filter_map(|told| told.as_ref().err()).collect();
                    let expected = [Code::Unavailable, Code::Timeout, Code::Conflict, Code::Invalid];
                    assert!(codes.iter().all(|failure| expected.contains(&failure.code)), "{codes:?}");
                }
            }
            // Done once it has written before the fault, failed during it, and written again afterwards.
            if has_failed && told[2].is_ok() {
                return (client, acknowledged);
            }
        }
        panic!("the server was not killed, or did not come back");
    });
    let some =
        || server.psql("SELECT count(*) > 20 FROM plugwright_load.t").is_ok_and(|answer| answer == "t");
    while !some() {}
    server.kill().expect("killed");
    server.restart().expect("restarted");
    let (mut client, acknowledged) = writer.join().expect("the writer ends");
    let there = client.rows("SELECT n FROM t ORDER BY n", json!([]));
    let there: Vec<i64> = there.as_array().expect("rows").iter().filter_map(|row| row[0].as_i64()).collect();
    assert!(acknowledged.iter().all(|number| there.contains(number)), "{acknowledged:?} of {there:?}");
}

#[test]
fn a_server_that_hangs_holds_nobody_beyond_the_limit() {
    let mut server = start();
    let mut options = SqlOptions::default();
    options.operation_timeout = Duration::from_millis(700);
    let store = store(&server.url());
    Client::new(store.granted(grant("hang"))).execute("CREATE TABLE t (n INTEGER)", json!([]));
    let impatient = SqlStore::postgres(&Secret::new(server.url()), None, options).expect("a store");
    let mut client = Client::new(impatient.granted(grant("hang")));
    server.pause().expect("paused");
    assert_eq!(client.refusal("SELECT 1"), Code::Timeout);
    server.resume().expect("resumed");
    let back = (0..100).any(|_| matches!(client.step(query("SELECT 1", json!([]))), Ok(Value::Object(_))));
    assert!(back, "it does not come back");
}
