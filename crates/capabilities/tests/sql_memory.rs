//! The memory of SQLite, which all databases of a process share: hence a process of its own.

use plugwright::Plugin;
use plugwright_capabilities::{Code, Failure, Sql, reply};
use tempfile::TempDir;

const GUEST: &str = include_str!("sql/guest.wat");

/// The reply to a query.
fn query(plugin: &mut Plugin, statement: &str) -> Result<(), Failure> {
    let mut script = vec![b'q'];
    script.extend((statement.len() as u32).to_le_bytes());
    script.extend(2_u32.to_le_bytes());
    script.extend(statement.bytes());
    script.extend(b"[]");
    let output: Vec<u8> = plugin.call("run", script).expect("a call that ends");
    // Behind the reply's length.
    match output[4] {
        reply::FAILED => Err(serde_json::from_slice(&output[5..]).expect("a failure")),
        _ => Ok(()),
    }
}

#[test]
fn sorting_has_a_limit_and_needs_no_file() {
    let folder = TempDir::new().expect("a folder");
    let sql = Sql::open(folder.path()).expect("a store");
    let mut plugin = Plugin::builder(GUEST.as_bytes().to_vec()).with(sql).build().expect("a plug-in");
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let sort = format!("SELECT count(*) FROM ({rows} ORDER BY randomblob(20000))");
    let failure = query(&mut plugin, &sort).expect_err("more than the memory there is");
    assert!(matches!(failure.code, Code::TooLarge | Code::Timeout), "{failure}");
    let kept = std::fs::read_dir("/proc/self/fd").expect("the open files").flatten();
    let kept = kept.filter_map(|file| std::fs::read_link(file.path()).ok());
    assert_eq!(kept.filter(|path| path.to_string_lossy().contains("etilqs")).count(), 0);
    assert_eq!(query(&mut plugin, "SELECT 1"), Ok(()));
}
