//! A plug-in that follows scripts, and the databases that it is tested on.

use std::path::Path;
use std::time::Duration;

use plugwright::{HostFunction, Json, Plugin};
use plugwright_capabilities::sql::{Sql, SqlStore};
use plugwright_capabilities::{Code, Failure, Grant, Limits, Namespace, reply};
use serde_json::Value;

const GUEST: &str = include_str!("guest.wat");

/// A database that tests run on.
pub(crate) trait Fixture {
    fn store(&self) -> SqlStore;
    /// A statement that takes a long time, with a number as its only result.
    fn endless(&self) -> &'static str;
    /// What a column for bytes is declared as.
    fn bytes(&self) -> &'static str;

    fn plugin(&self, namespace: &str) -> Client {
        self.client(grant(namespace))
    }

    fn client(&self, grant: Grant) -> Client {
        Client::new(self.store().granted(grant))
    }
}

pub(crate) fn grant(namespace: &str) -> Grant {
    limited(namespace, Limits::default())
}

pub(crate) fn limited(namespace: &str, limits: Limits) -> Grant {
    Grant::new(namespace.parse::<Namespace>().expect("a valid name"), limits)
}

/// One operation of a plug-in.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Query(String, Value),
    Execute(String, Value),
    Begin,
    Commit,
    Rollback,
    Trap,
    Fail,
    Loop,
}

pub(crate) fn query(statement: &str, params: Value) -> Step {
    Step::Query(statement.to_owned(), params)
}

pub(crate) fn execute(statement: &str, params: Value) -> Step {
    Step::Execute(statement.to_owned(), params)
}

/// What a plug-in was told.
pub(crate) type Told = Result<Value, Failure>;

/// A plug-in with a database.
pub(crate) struct Client {
    pub(crate) plugin: Plugin,
}

impl Client {
    pub(crate) fn new(sql: Sql) -> Self {
        Self {
            plugin: Plugin::builder(GUEST.as_bytes().to_vec())
                .with(sql)
                .build()
                .expect("the guest is a plug-in"),
        }
    }

    /// A plug-in with these host functions.
    pub(crate) fn with_functions(functions: Vec<HostFunction>) -> Self {
        let plugin = Plugin::builder(GUEST.as_bytes().to_vec()).host_functions(functions).build();
        Self { plugin: plugin.expect("the guest is a plug-in") }
    }

    /// The same, where `sql_execute` is of the module `b`.
    pub(crate) fn with_two(functions: Vec<HostFunction>) -> Self {
        let execute = "\"extism:host/user\" \"sql_execute\"";
        assert!(GUEST.contains(execute), "the guest imports it so");
        let guest = GUEST.replace(execute, "\"b\" \"sql_execute\"");
        let plugin = Plugin::builder(guest.into_bytes()).host_functions(functions).build();
        Self { plugin: plugin.expect("the guest is a plug-in") }
    }

    pub(crate) fn with_timeout(sql: Sql, timeout: Duration) -> Self {
        let plugin = Plugin::builder(GUEST.as_bytes().to_vec()).with(sql).timeout(timeout).build();
        Self { plugin: plugin.expect("the guest is a plug-in") }
    }

    /// One call with these steps.
    pub(crate) fn call(&mut self, steps: &[Step]) -> plugwright::Result<Vec<Told>> {
        let output: Vec<u8> = self.plugin.call("run", script(steps))?;
        Ok(replies(&output))
    }

    /// Several steps in one call, which does not fail.
    pub(crate) fn steps(&mut self, steps: &[Step]) -> Vec<Told> {
        self.call(steps).expect("the call ends well")
    }

    /// A call with one step.
    pub(crate) fn step(&mut self, step: Step) -> Told {
        self.steps(&[step]).remove(0)
    }

    /// The rows of a query.
    pub(crate) fn rows(&mut self, statement: &str, params: Value) -> Value {
        let mut told = self.step(query(statement, params)).expect("the query works");
        told["rows"].take()
    }

    /// Executes a statement that works.
    pub(crate) fn execute(&mut self, statement: &str, params: Value) -> u64 {
        let told =
            self.step(execute(statement, params)).unwrap_or_else(|failure| panic!("{statement}: {failure}"));
        told["rows_affected"].as_u64().expect("a count")
    }

    /// The failure of a statement that must not work.
    pub(crate) fn refused(&mut self, statement: &str) -> Failure {
        match self.step(query(statement, Value::Array(vec![]))) {
            Ok(result) => panic!("`{statement}` was done: {result}"),
            Err(failure) => failure,
        }
    }

    /// The kind of that failure.
    pub(crate) fn refusal(&mut self, statement: &str) -> Code {
        self.refused(statement).code
    }
}

/// The guests with a PDK, all of which do the same.
pub(crate) const GUESTS: [&str; 3] = ["rust_pdk_database", "go_pdk_database", "js_database"];

/// What comes of these operations in one call of a guest with a PDK.
pub(crate) fn run(guest: &str, sql: Sql, operations: &Value) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../guests/build/{guest}.wasm"));
    assert!(path.exists(), "`{}` is not built: run `cargo xtask guests`", path.display());
    let plugin = Plugin::builder(path).wasi(true).with(sql).build();
    let mut plugin = plugin.expect("a plug-in with all its imports");
    let Json(results) = plugin.call::<_, Json<Value>>("run", Json(operations)).expect("a call that ends");
    results
}

/// What the guest takes for these steps.
pub(crate) fn script(steps: &[Step]) -> Vec<u8> {
    let mut script = Vec::new();
    for step in steps {
        let (operation, statement, params) = match step {
            Step::Query(statement, params) => (b'q', statement.as_str(), params.to_string()),
            Step::Execute(statement, params) => (b'e', statement.as_str(), params.to_string()),
            Step::Begin => (b'b', "", String::new()),
            Step::Commit => (b'c', "", String::new()),
            Step::Rollback => (b'r', "", String::new()),
            Step::Trap => (b'x', "", String::new()),
            Step::Fail => (b'f', "", String::new()),
            Step::Loop => (b'l', "", String::new()),
        };
        script.push(operation);
        script.extend((statement.len() as u32).to_le_bytes());
        script.extend((params.len() as u32).to_le_bytes());
        script.extend(statement.bytes());
        script.extend(params.bytes());
    }
    script
}

/// What the guest's output says.
pub(crate) fn replies(mut output: &[u8]) -> Vec<Told> {
    let mut told = Vec::new();
    while let Some((length, rest)) = output.split_first_chunk::<4>() {
        let (reply, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        output = rest;
        let (status, content) = reply.split_first().expect("a status");
        told.push(match *status {
            reply::OK if content.is_empty() => Ok(Value::Null),
            reply::OK => Ok(serde_json::from_slice(content).expect("JSON")),
            reply::FAILED => Err(serde_json::from_slice(content).expect("a failure")),
            other => panic!("the status {other}"),
        });
    }
    told
}
