//! SQLite.

use std::time::Duration;

use plugwright_capabilities::Code;
use plugwright_capabilities::sql::{SqlOptions, SqlStore};
use serde_json::json;
use tempfile::TempDir;

use crate::same::tests_on;
use crate::support::{Fixture, grant};

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
    let told = client.step(crate::support::execute(
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
    let mut client = crate::support::Client::new(again.granted(grant("kept").read_only(true)));
    assert_eq!(client.rows("SELECT a FROM t", json!([])), json!([["x"]]));
}
