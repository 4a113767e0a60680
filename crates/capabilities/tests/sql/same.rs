//! What both databases do alike.

use std::thread;
use std::time::{Duration, Instant};

use plugwright::ErrorKind;
use plugwright_capabilities::{Code, Limits};
use serde_json::{Value, json};

use crate::support::{Client, Fixture, GUESTS, Step, execute, grant, limited, query, run};

const TODOS: &str =
    "CREATE TABLE todo (id INTEGER PRIMARY KEY, title TEXT NOT NULL, done BOOLEAN NOT NULL DEFAULT FALSE)";
const ADD: &str = "INSERT INTO todo (id, title) VALUES ($1, $2)";

fn todos(fixture: &impl Fixture, namespace: &str) -> Client {
    let mut client = fixture.plugin(namespace);
    client.execute(TODOS, json!([]));
    client
}

fn count(client: &mut Client) -> i64 {
    client.rows("SELECT count(*) FROM todo", json!([]))[0][0].as_i64().expect("a count")
}

/// Rows come back as they were put in, by numbered parameters in any order.
pub(crate) fn values(fixture: &impl Fixture) {
    let mut client = fixture.plugin("values");
    let bytes = fixture.bytes();
    client.execute(
        &format!(
            "CREATE TABLE v (i BIGINT, f DOUBLE PRECISION, t TEXT, b {bytes}, y BOOLEAN, j JSON, n TEXT)"
        ),
        json!([]),
    );
    let row = json!([
        9_007_199_254_740_993_i64, 0.1, "naïve 👋 '; DROP TABLE v; --", {"base64": "AP8="}, true,
        {"a": [1, null, 9_007_199_254_740_993_i64]}, null
    ]);
    assert_eq!(
        client
            .execute("INSERT INTO v (n, j, y, b, t, f, i) VALUES ($7, $6, $5, $4, $3, $2, $1)", row.clone()),
        1
    );
    let told = client
        .step(query("SELECT i, f, t, b, y, j, n FROM v WHERE i = $1 AND t = $2", json!([row[0], row[2]])));
    assert_eq!(told.expect("found"), json!({"columns": ["i", "f", "t", "b", "y", "j", "n"], "rows": [row]}));
    assert_eq!(client.rows("SELECT i FROM v WHERE t = $1", json!(["' OR '1' = '1"])), json!([]));
    for number in [i64::MAX, i64::MIN, 0, -1] {
        assert_eq!(client.execute("UPDATE v SET i = $1", json!([number])), 1);
        assert_eq!(client.rows("SELECT i FROM v", json!([])), json!([[number]]));
    }
    assert_eq!(client.execute("DELETE FROM v WHERE i = 5", json!([])), 0);
    let returned = client.rows("INSERT INTO v (i) VALUES ($1), ($2) RETURNING i + 1 AS next", json!([1, 2]));
    assert_eq!(returned, json!([[2], [3]]));
}

/// Plug-ins with our PDKs do the same, whatever their language.
pub(crate) fn languages(fixture: &impl Fixture) {
    let bytes = fixture.bytes();
    let insert = "INSERT INTO note (id, text, important, picture) VALUES ($1, $2, $3, $4)";
    for guest in GUESTS {
        let run = |operations: &Value| run(guest, fixture.store().granted(grant("languages")), operations);
        let results = run(&json!([
            ["execute", "DROP TABLE IF EXISTS note", []],
            ["execute", format!("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL, important BOOLEAN, picture {bytes})"), []],
            ["execute", insert, [1, "'); DROP TABLE note; -- ✓", true, {"base64": "AP8="}]],
            ["execute", insert, [2, "plain", null, null]],
            ["query", "SELECT * FROM note WHERE id = $1", [1]],
            ["notes", "SELECT id, text, important FROM note ORDER BY id", []],
            ["query", "SELECT id FROM note WHERE text = $1", ["' OR '1' = '1"]],
            ["transaction", ["execute", "DELETE FROM note WHERE id = $1", [2]], ["query", "SELECT id FROM note", []]],
            ["execute", "UPDATE note SET important = $1", [false]]
        ]));
        let odd = "'); DROP TABLE note; -- ✓";
        let expected = json!([
            0, 0, 1, 1,
            [{"id": 1, "text": odd, "important": true, "picture": {"base64": "AP8="}}],
            [{"id": 1, "text": odd, "important": true}, {"id": 2, "text": "plain", "important": null}],
            [], [1, [{"id": 1}]], 1
        ]);
        assert_eq!(results, expected, "{guest}");
        let failed = run(&json!([
            ["query", "SELEC 1", []],
            ["execute", insert, [1, "again", true, null]],
            ["query", "SELECT 1", [1]],
            ["transaction", ["execute", "DELETE FROM note", []], ["query", "SELECT * FROM nothing", []]],
            ["notes", "SELECT id FROM note WHERE id = 7", []],
            ["query", "SELECT count(*) AS n FROM note", []]
        ]));
        let codes: Vec<Option<&str>> =
            failed.as_array().expect("a list").iter().map(|result| result["error"].as_str()).collect();
        let expected = [Some("invalid"), Some("conflict"), Some("invalid"), Some("invalid"), None, None];
        assert_eq!(codes, expected, "{guest}: {failed}");
        assert_eq!(failed[5], json!([{"n": 1}]), "{guest}: what failed was rolled back");
    }
}

/// What is wrong is said, with a code.
pub(crate) fn mistakes(fixture: &impl Fixture) {
    let mut client = todos(fixture, "mistakes");
    client.execute(ADD, json!([1, "a"]));
    assert_eq!(client.refusal("SELEC 1"), Code::Invalid);
    assert_eq!(client.refusal("SELECT * FROM nothing"), Code::Invalid);
    assert!(client.refused("SELECT * FROM nothing").message.contains("nothing"));
    assert_eq!(client.refusal("SELECT 1; SELECT 2"), Code::Invalid);
    assert_eq!(client.refusal("SELECT $1"), Code::Invalid);
    assert_eq!(client.refusal("INSERT INTO todo (id, title) VALUES (1, 'again')"), Code::Conflict);
    assert_eq!(client.refusal("INSERT INTO todo (id, title) VALUES (2, NULL)"), Code::Conflict);
    let too_many = client.step(query("SELECT 1", json!([1]))).expect_err("a parameter too many");
    assert_eq!(too_many.code, Code::Invalid);
    for params in
        [json!({}), json!(1), json!("x"), json!([18_446_744_073_709_551_615_u64]), json!([{"base64": "?"}])]
    {
        assert_eq!(client.step(query("SELECT $1", params)).expect_err("no parameters").code, Code::Invalid);
    }
    for statement in ["COMMIT", "/* a */ BEGIN", "; rollback", "SAVEPOINT a", "-- x\nEND"] {
        assert_eq!(client.refusal(statement), Code::Invalid, "{statement}");
    }
    assert_eq!(count(&mut client), 1);
}

/// A transaction is all or nothing, and ends with its call.
pub(crate) fn transactions(fixture: &impl Fixture) {
    let mut client = todos(fixture, "transactions");
    let add = |id: i64| execute(ADD, json!([id, "x"]));
    let told =
        client.steps(&[Step::Begin, add(1), query("SELECT count(*) FROM todo", json!([])), Step::Commit]);
    assert_eq!(told[2].as_ref().expect("counted")["rows"], json!([[1]]));
    assert_eq!(told[3], Ok(Value::Null));
    assert_eq!(count(&mut client), 1);

    client.steps(&[Step::Begin, add(2), Step::Rollback]);
    assert_eq!(count(&mut client), 1, "rolled back by the plug-in");
    client.steps(&[Step::Begin, add(2)]);
    assert_eq!(count(&mut client), 1, "rolled back at the end of the call");
    client.call(&[Step::Begin, add(2), Step::Fail]).expect_err("the call fails");
    assert_eq!(count(&mut client), 1, "rolled back as the call failed");
    client.call(&[Step::Begin, add(2), Step::Trap]).expect_err("the plug-in traps");
    assert_eq!(count(&mut client), 1, "rolled back as the plug-in trapped");
    client.call(&[add(3), Step::Trap]).expect_err("the plug-in traps");
    assert_eq!(count(&mut client), 2, "each statement is a transaction of its own otherwise");

    // After a failure nothing more is done, and a commit says that there was none.
    let told =
        client.steps(&[Step::Begin, add(4), add(4), add(5), Step::Commit, Step::Begin, Step::Rollback]);
    assert_eq!(told[2].as_ref().expect_err("twice").code, Code::Conflict);
    assert_eq!(told[3].as_ref().expect_err("after a failure").code, Code::Conflict);
    assert_eq!(told[4].as_ref().expect_err("nothing is committed").code, Code::Conflict);
    assert_eq!((&told[5], &told[6]), (&Ok(Value::Null), &Ok(Value::Null)));
    assert_eq!(count(&mut client), 2);

    let told = client.steps(&[Step::Commit, Step::Rollback, Step::Begin, Step::Begin]);
    let codes: Vec<_> = told.iter().map(|told| told.as_ref().err().map(|failure| failure.code)).collect();
    assert_eq!(codes, [Some(Code::Invalid), Some(Code::Invalid), None, Some(Code::Invalid)]);
}

/// What one plug-in has is nowhere for another.
pub(crate) fn namespaces(fixture: &impl Fixture) {
    let mut one = todos(fixture, "one");
    one.execute(ADD, json!([1, "secret"]));
    let mut two = fixture.plugin("two");
    assert_eq!(two.refusal("SELECT * FROM todo"), Code::Invalid);
    two.execute(TODOS, json!([]));
    assert_eq!(count(&mut two), 0);
    assert_eq!(count(&mut one), 1);
}

/// A grant for reading never writes.
pub(crate) fn read_only(fixture: &impl Fixture) {
    let mut writer = todos(fixture, "reads");
    writer.execute(ADD, json!([1, "a"]));
    let mut reader = fixture.client(grant("reads").read_only(true));
    assert_eq!(reader.rows("SELECT title FROM todo", json!([])), json!([["a"]]));
    for statement in [
        "INSERT INTO todo (id, title) VALUES (2, 'b')",
        "INSERT INTO todo (id, title) VALUES (2, 'b') RETURNING id",
        "UPDATE todo SET title = 'b'",
        "DELETE FROM todo",
        "DROP TABLE todo",
        "ALTER TABLE todo ADD COLUMN x TEXT",
        "CREATE TABLE mine (id INTEGER)",
        "CREATE INDEX i ON todo (title)",
        "WITH gone AS (SELECT 1) DELETE FROM todo",
    ] {
        assert_eq!(reader.refusal(statement), Code::Forbidden, "{statement}");
        let told = reader.steps(&[Step::Begin, query(statement, json!([])), Step::Commit]);
        assert_eq!(told[1].as_ref().expect_err(statement).code, Code::Forbidden, "{statement}");
    }
    let told = reader.step(execute("SELECT 1", json!([]))).expect_err("it executes nothing");
    assert_eq!(told.code, Code::Forbidden);
    // After a refusal the same call may go on.
    let told =
        reader.steps(&[query("DELETE FROM todo", json!([])), query("SELECT count(*) FROM todo", json!([]))]);
    assert_eq!(told[1].as_ref().expect("it goes on")["rows"], json!([[1]]));
    let told = reader.steps(&[Step::Begin, query("SELECT title FROM todo", json!([])), Step::Commit]);
    assert!(told.iter().all(Result::is_ok), "{told:?}");
    assert_eq!(count(&mut writer), 1);
}

/// Limits hold, and what is beyond them is refused.
pub(crate) fn limits(fixture: &impl Fixture) {
    let limits = Limits { max_value_bytes: 10_000, ..Limits::default() };
    let mut client = fixture.client(limited("limits", limits));
    client.execute("CREATE TABLE t (a TEXT)", json!([]));
    let long = "x".repeat(10_001);
    let told = client.step(execute("INSERT INTO t VALUES ($1)", json!([long])));
    assert_eq!(told.expect_err("a long parameter").code, Code::TooLarge);
    assert_eq!(client.refusal(&format!("SELECT '{long}'")), Code::TooLarge);
    for _ in 0..3 {
        client.execute("INSERT INTO t VALUES ($1)", json!(["y".repeat(5000)]));
    }
    let failure = client.refused("SELECT a FROM t");
    assert_eq!(failure.code, Code::TooLarge);
    assert!(failure.message.contains("max_value_bytes"), "{failure}");
    assert_eq!(client.rows("SELECT length(a) FROM t LIMIT 1", json!([])), json!([[5000]]));

    let few = Limits { operations_per_second: 1, ..Limits::default() };
    let mut hasty = fixture.client(limited("limits", few));
    let told = hasty.steps(&vec![query("SELECT 1", json!([])); 50]);
    let refused =
        told.iter().filter(|told| matches!(told, Err(failure) if failure.code == Code::RateLimited));
    assert!(refused.count() > 0, "{told:?}");
}

/// A statement takes no longer than an operation, or the call, may.
pub(crate) fn deadlines(fixture: &impl Fixture) {
    let mut client = fixture.plugin("deadlines");
    let start = Instant::now();
    assert_eq!(client.refusal(fixture.endless()), Code::Timeout);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    assert_eq!(client.rows("SELECT 1", json!([])), json!([[1]]), "the plug-in goes on");
    let told = client.steps(&[query(fixture.endless(), json!([])), query("SELECT 1", json!([]))]);
    assert_eq!(told[1].as_ref().expect("the call goes on")["rows"], json!([[1]]));

    let mut short =
        Client::with_timeout(fixture.store().granted(grant("deadlines")), Duration::from_millis(1500));
    let error =
        short.call(&[query(fixture.endless(), json!([])), Step::Loop]).expect_err("the deadline passes");
    assert!(matches!(error.kind(), ErrorKind::Timeout), "{error}");
    assert_eq!(short.rows("SELECT 1", json!([])), json!([[1]]));
}

/// Calls at the same time lose nothing.
pub(crate) fn concurrency(fixture: &(impl Fixture + Sync)) {
    let mut client = fixture.plugin("concurrency");
    client.execute("CREATE TABLE counter (n INTEGER NOT NULL)", json!([]));
    client.execute("INSERT INTO counter VALUES (0)", json!([]));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = fixture.plugin("concurrency");
                for _ in 0..10 {
                    let add = execute("UPDATE counter SET n = n + 1", json!([]));
                    let told = client.steps(&[Step::Begin, add.clone(), Step::Commit, add]);
                    assert!(told.iter().all(Result::is_ok), "{told:?}");
                }
            });
        }
    });
    assert_eq!(client.rows("SELECT n FROM counter", json!([])), json!([[80]]));
}

/// Tests of all this for a fixture.
macro_rules! tests_on {
    ($fixture:expr) => {
        crate::same::tests_on!($fixture; values, languages, mistakes, transactions, namespaces, read_only, limits, deadlines, concurrency);
    };
    ($fixture:expr; $($name:ident),*) => {
        $(#[test]
        fn $name() {
            crate::same::$name(&$fixture);
        })*
    };
}
pub(crate) use tests_on;
