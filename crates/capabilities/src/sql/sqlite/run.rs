//! Running one statement.

use rusqlite::Statement;
use rusqlite::types::ValueRef;

use super::database::{Database, Link};
use super::failures::of_statement;
use super::parameters::bind;
use crate::patience::Patience;
use crate::sql::Answer;
use crate::sql::request::{Purpose, Request};
use crate::sql::rows::{Rows, affected};
use crate::sql::value::{Cell, is_json};
use crate::{Code, Failure};

/// What a column was declared as, where SQLite itself makes no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declared {
    Boolean,
    Json,
    Other,
}

/// Runs a statement to its end, and returns the reply if it is admitted. After a failure the connection may be in a transaction that was
/// begun for it.
pub(super) fn run(
    database: &Database,
    link: &mut Link,
    request: &Request,
    purpose: Purpose,
    limit: u64,
    patience: &Patience,
    admit: impl FnOnce(Vec<u8>) -> Answer<Vec<u8>>,
) -> Answer<Vec<u8>> {
    let log_is_full = database.log_is_full(link, patience)?;
    let link = &*link;
    let wrong = |error: rusqlite::Error| of_statement(link, &error);
    link.limit_sizes(limit).map_err(wrong)?;
    let mut statement = link.connection.prepare(&request.statement).map_err(wrong)?;
    bind(&mut statement, &request.params)?;
    let writes = !statement.readonly();
    if writes && log_is_full {
        let message = "the log of the database is full: end transactions that read for long, and try again";
        return Err(Failure::new(Code::Unavailable, message));
    }
    // All changes are made before the first row is read, and would stay if that is refused.
    let has_rows = purpose == Purpose::Query && statement.column_count() > 0;
    let is_wrapped = writes && has_rows && link.connection.is_autocommit();
    if is_wrapped {
        link.perform("BEGIN IMMEDIATE")?;
    }
    let reply = match purpose {
        Purpose::Query => query(link, &mut statement, limit),
        Purpose::Execute => execute(link, &mut statement),
    };
    let reply = reply.and_then(admit)?;
    drop(statement);
    if is_wrapped {
        link.perform("COMMIT")?;
    }
    Ok(reply)
}

fn query(link: &Link, statement: &mut Statement<'_>, limit: u64) -> Answer<Vec<u8>> {
    let columns: Vec<_> = statement.columns().collect();
    let declared: Vec<_> = columns.iter().map(|column| declared(column.decl_type())).collect();
    let mut reply = Rows::new(columns.iter().map(|column| column.name()), limit);
    drop(columns);
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|error| of_statement(link, &error))? {
        reply.begin();
        for (index, declared) in declared.iter().enumerate() {
            let value = row.get_ref(index).map_err(|error| of_statement(link, &error))?;
            reply.cell(&cell(value, *declared)?)?;
        }
        reply.end()?;
    }
    Ok(reply.finish())
}

fn execute(link: &Link, statement: &mut Statement<'_>) -> Answer<Vec<u8>> {
    let before = link.connection.total_changes();
    let mut rows = statement.raw_query();
    // What `RETURNING` brings is not wanted here.
    while rows.next().map_err(|error| of_statement(link, &error))?.is_some() {}
    drop(rows);
    // A statement that changes no rows leaves the count of the one before.
    let has_changed = link.connection.total_changes() != before;
    Ok(affected(if has_changed { link.connection.changes() } else { 0 }))
}

fn declared(name: Option<&str>) -> Declared {
    let is = |one: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(one));
    if is("boolean") || is("bool") {
        Declared::Boolean
    } else if is("json") || is("jsonb") {
        Declared::Json
    } else {
        Declared::Other
    }
}

fn cell(value: ValueRef<'_>, declared: Declared) -> Answer<Cell<'_>> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value @ (0 | 1)) if declared == Declared::Boolean => Cell::Bool(value == 1),
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Real(value) => Cell::Float(value),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|_| {
                Failure::new(Code::WrongType, "a text in the result is not UTF-8: cast it to a blob")
            })?;
            if declared == Declared::Json && is_json(text) { Cell::Json(text) } else { Cell::Text(text) }
        }
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
    })
}
