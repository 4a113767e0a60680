//! SQLite.

use std::time::Duration;

use plugwright::Capability;
use plugwright_capabilities::sql::{SqlOptions, SqlStore};
use plugwright_capabilities::{Code, Limits};
use serde_json::json;
use tempfile::TempDir;

use crate::same::tests_on;
use crate::support::{Client, Fixture, Told, execute, grant, limited, query};

const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

struct Sqlite {
    folder: TempDir,
    store: SqlStore,
}

impl Sqlite {
    fn with(change: impl FnOnce(&mut SqlOptions)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut options = SqlOptions::default();
        change(&mut options);
        let store = SqlStore::sqlite(folder.path(), options).expect("a store");
        Self { folder, store }
    }

    fn new() -> Self {
        Self::with(|options| options.operation_timeout = Duration::from_secs(4))
    }
}

impl Fixture for Sqlite {
    fn store(&self) -> SqlStore {
        self.store.clone()
    }

    fn endless(&self) -> &'static str {
        ENDLESS
    }

    fn bytes(&self) -> &'static str {
        "BLOB"
    }
}

tests_on!(Sqlite::new());

#[test]
fn a_statement_reaches_no_file_and_no_setting() {
    let fixture = Sqlite::new();
    let mut client = fixture.plugin("hostile");
    let other = fixture.folder.path().join("other.sqlite");
    let other = other.display();
    for statement in [
        format!("ATTACH '{other}' AS x"),
        format!("VACUUM INTO '{other}'"),
        "VACUUM".to_owned(),
        "DETACH main".to_owned(),
        "SELECT load_extension('/tmp/x.so')".to_owned(),
        "PRAGMA journal_mode = DELETE".to_owned(),
        "PRAGMA writable_schema = ON".to_owned(),
        "PRAGMA max_page_count = 4000000000".to_owned(),
        "PRAGMA query_only = OFF".to_owned(),
        "PRAGMA temp_store_directory = '/tmp'".to_owned(),
        "PRAGMA hard_heap_limit = 1".to_owned(),
        "PRAGMA database_list".to_owned(),
        "PRAGMA user_version = 5".to_owned(),
        "SELECT * FROM pragma_database_list".to_owned(),
        "CREATE TEMP TABLE t (a)".to_owned(),
        "CREATE TABLE temp.t (a)".to_owned(),
        "CREATE VIEW temp.v AS SELECT 1".to_owned(),
        "CREATE TABLE temp.t AS SELECT 1".to_owned(),
        "CREATE VIRTUAL TABLE temp.f USING fts5(x)".to_owned(),
        "CREATE VIRTUAL TABLE t USING dbstat".to_owned(),
    ] {
        let failure = client.refused(&statement);
        assert_eq!(failure.code, Code::Forbidden, "{statement}: {failure}");
    }
    // Functions that this build of SQLite does not have, and a table that cannot be written.
    for statement in [
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('x', 'y')",
        "SELECT * FROM fsdir('/')",
        "UPDATE sqlite_schema SET sql = 'x'",
        "SELECT * FROM sqlite_dbpage",
        "SELECT fts3_tokenizer('simple', x'0000000000000000')",
    ] {
        client.refused(statement);
    }
    let files: Vec<_> = std::fs::read_dir(fixture.folder.path())
        .expect("the folder")
        .map(|file| file.expect("a file").file_name().into_string().expect("a name"))
        .collect();
    assert!(files.iter().all(|file| file.starts_with("hostile.sqlite")), "{files:?}");
}

#[test]
fn useful_things_are_allowed() {
    let fixture = Sqlite::new();
    let mut client = fixture.plugin("useful");
    client.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)", json!([]));
    client.execute("CREATE INDEX i ON t (a)", json!([]));
    client.execute("CREATE VIEW v AS SELECT a FROM t", json!([]));
    client.execute(
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = upper(a) WHERE id = new.id; END",
        json!([]),
    );
    client.execute("CREATE VIRTUAL TABLE f USING fts5(x)", json!([]));
    assert_eq!(client.execute("INSERT INTO f VALUES ($1)", json!(["hello world"])), 1);
    assert_eq!(client.rows("SELECT x FROM f WHERE f MATCH $1", json!(["world"])), json!([["hello world"]]));
    assert_eq!(
        client.rows("INSERT INTO t (a) VALUES (?), (?2) RETURNING id", json!(["x", "y"])),
        json!([[1], [2]])
    );
    assert_eq!(client.rows("SELECT a FROM v ORDER BY a", json!([])), json!([["X"], ["Y"]]));
    assert_eq!(client.rows("SELECT name FROM pragma_table_info('t')", json!([])), json!([["id"], ["a"]]));
    assert_eq!(client.rows("SELECT value FROM json_each($1)", json!([[1, 2]])), json!([[1], [2]]));
    client.execute("ALTER TABLE t ADD COLUMN b TEXT", json!([]));
    client.execute("DROP TABLE t", json!([]));
}

#[test]
fn a_database_has_a_largest_size() {
    let fixture = Sqlite::with(|options| options.max_database_bytes = 1 << 20);
    let mut client = fixture.plugin("full");
    client.execute("CREATE TABLE t (a BLOB)", json!([]));
    let told = client.step(execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT randomblob(1000) FROM n",
        json!([]),
    ));
    let failure = told.expect_err("two megabytes in one");
    assert_eq!(failure.code, Code::TooLarge);
    assert!(failure.message.contains("max_database_bytes"), "{failure}");
    assert_eq!(client.execute("INSERT INTO t VALUES (x'00')", json!([])), 1, "there is room for what fits");
}

#[test]
fn what_was_acknowledged_is_there_when_the_store_is_opened_again() {
    let fixture = Sqlite::new();
    fixture.plugin("kept").execute("CREATE TABLE t (a TEXT)", json!([]));
    fixture.plugin("kept").execute("INSERT INTO t VALUES ($1)", json!(["x"]));
    let again = SqlStore::sqlite(fixture.folder.path(), SqlOptions::default()).expect("a store");
    let mut client = Client::new(again.granted(grant("kept").read_only(true)));
    assert_eq!(client.rows("SELECT a FROM t", json!([])), json!([["x"]]));
}

#[test]
fn what_is_refused_changes_nothing() {
    let fixture = Sqlite::new();
    let limits = Limits { max_value_bytes: 4000, ..Limits::default() };
    let mut client = fixture.client(limited("refused", limits));
    client.execute("CREATE TABLE t (a BLOB)", json!([]));
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)";
    let insert = format!("{rows} INSERT INTO t SELECT zeroblob(100) FROM n RETURNING a");
    assert_eq!(client.refusal(&insert), Code::TooLarge);
    assert_eq!(client.refusal("INSERT INTO t VALUES (1) RETURNING CAST(x'ff' AS TEXT)"), Code::WrongType);
    assert_eq!(client.rows("SELECT count(*) FROM t", json!([])), json!([[0]]));
    assert_eq!(client.rows("INSERT INTO t VALUES (1) RETURNING a", json!([])), json!([[1]]));
    assert_eq!(client.rows("SELECT count(*) FROM t", json!([])), json!([[1]]));
}

#[test]
fn two_databases_of_one_call_are_two() {
    let fixture = Sqlite::new();
    let (one, other) = (grant("one"), grant("other"));
    fixture.client(other.clone()).execute("CREATE TABLE t (a TEXT)", json!([]));
    let mut functions = fixture.store().granted(one.read_only(true)).host_functions();
    let of_b = fixture.store().granted(other).host_functions();
    functions.extend(of_b.into_iter().map(|function| function.in_module("b")));
    let mut client = Client::with_two(functions);
    let told = client.steps(&[
        query("SELECT count(*) FROM sqlite_schema", json!([])),
        execute("INSERT INTO t VALUES ('x')", json!([])),
        query("SELECT count(*) FROM sqlite_schema", json!([])),
    ]);
    let rows = |told: &Told| told.as_ref().expect("rows")["rows"].clone();
    assert_eq!((rows(&told[0]), rows(&told[2])), (json!([[0]]), json!([[0]])));
    assert_eq!(told[1].as_ref().expect("a count")["rows_affected"], json!(1));
}

#[test]
fn functions_on_long_texts_are_quick_and_as_ever() {
    let fixture = Sqlite::new();
    let mut client = fixture.plugin("texts");
    let long = "replace(hex(zeroblob(450000)), '0', 'a')";
    for (expression, value) in [
        ("instr('abcdef', 'cd')", json!(3)),
        ("instr('äöü', 'ü')", json!(3)),
        ("instr(x'c3a4c3b6', x'b6')", json!(4)),
        ("instr('abc', '')", json!(1)),
        ("instr('abc', 'x')", json!(0)),
        ("instr(NULL, 'x')", json!(null)),
        ("instr(12345, 34)", json!(3)),
        ("instr(1.5, '.')", json!(2)),
        ("replace('banana', 'an', 'x')", json!("bxxa")),
        ("replace('banana', '', 'x')", json!("banana")),
        ("replace('banana', 'a', NULL)", json!(null)),
        ("replace(1001, 0, 2)", json!("1221")),
        ("trim('xxhixy', 'yx')", json!("hi")),
        ("ltrim('  hi ', ' ')", json!("hi ")),
        ("rtrim('  hi ', ' ')", json!("  hi")),
        ("trim('hi', '')", json!("hi")),
        ("trim('  hi  ')", json!("hi")),
        ("hex(unhex('41-42 43', ' -'))", json!("414243")),
        ("unhex('4-1', '-')", json!(null)),
        ("unhex('41x', '-')", json!(null)),
        // Each of them takes minutes when every place is compared with the whole of the other.
        (&format!("instr({long}, substr({long}, 1, 400000) || 'b')"), json!(0)),
        (&format!("length(replace({long}, substr({long}, 1, 400000) || 'b', ''))"), json!(900_000)),
        (&format!("length(trim({long}, replace(hex(zeroblob(400000)), '0', 'b') || 'a'))"), json!(0)),
        (
            &format!("unhex('--' || {long}, replace(hex(zeroblob(400000)), '0', '.') || '-') IS NULL"),
            json!(0),
        ),
    ] {
        assert_eq!(client.rows(&format!("SELECT {expression}"), json!([])), json!([[value]]), "{expression}");
    }
    assert_eq!(client.refusal(&format!("SELECT replace({long}, 'a', 'aaaaaaaaaa')")), Code::TooLarge);
}
