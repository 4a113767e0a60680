//! The database that the host granted this plug-in.
//!
//! ```
//! use plugwright_pdk::{FnResult, Json, plugin_fn, sql};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, Serialize)]
//! struct Todo {
//!     id: i64,
//!     title: String,
//! }
//!
//! #[plugin_fn]
//! pub fn add(title: String) -> FnResult<Json<Vec<Todo>>> {
//!     sql::execute("INSERT INTO todo (title) VALUES ($1)", [&title])?;
//!     Ok(Json(sql::query("SELECT id, title FROM todo WHERE title = $1", [&title])?))
//! }
//! ```
//!
//! Parameters are a tuple, an array or `()`, and `$1`, `$2`, … in the statement, for every database: never put a value into its text. A plug-in that uses this module is
//! loaded only where the host grants it a database: `plugwright call --sql FOLDER`, or `capabilities` in `plugwright.toml`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::capability::{Code, Failure, Result};
use crate::capability::{argument, json, result};
use crate::sys;

mod bytes;
mod row;

pub use bytes::Bytes;
use row::Row;

/// What a query brings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Rows {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The values, a row at a time. Bytes are an object with `base64`.
    pub rows: Vec<Vec<Value>>,
}

/// The rows of a query, each as a `T`: a struct by the columns' names, or a tuple.
///
/// # Errors
/// When the database fails, or a row is not a `T`.
pub fn query<T: DeserializeOwned>(statement: &str, params: impl Serialize) -> Result<Vec<T>> {
    let Rows { columns, rows } = query_values(statement, params)?;
    let read = |values| T::deserialize(Row { columns: &columns, values });
    let rows: core::result::Result<_, _> = rows.into_iter().map(read).collect();
    rows.map_err(|error| Failure::new(Code::WrongType, format!("a row is not what was expected: {error}")))
}

/// The first row of a query, if there is one.
///
/// # Errors
/// As [`query`].
pub fn query_one<T: DeserializeOwned>(statement: &str, params: impl Serialize) -> Result<Option<T>> {
    Ok(query(statement, params)?.into_iter().next())
}

/// The rows of a query as they come.
///
/// # Errors
/// When the database fails.
pub fn query_values(statement: &str, params: impl Serialize) -> Result<Rows> {
    let (statement, params) = (argument(statement.as_bytes())?, argument(&encoded(&params)?)?);
    json(sys::sql_query(statement.offset(), params.offset()))
}

/// Executes a statement, and returns how many rows it has changed.
///
/// # Errors
/// When the database fails, or the plug-in may not write.
pub fn execute(statement: &str, params: impl Serialize) -> Result<u64> {
    #[derive(Deserialize)]
    struct Affected {
        rows_affected: u64,
    }
    let (statement, params) = (argument(statement.as_bytes())?, argument(&encoded(&params)?)?);
    json::<Affected>(sys::sql_execute(statement.offset(), params.offset())).map(|reply| reply.rows_affected)
}

/// Does something as one transaction: it is committed when `work` succeeds, and rolled back when it fails. A transaction that the call of
/// the plug-in leaves open is rolled back as well.
///
/// # Errors
/// Those of `work`, and of the database.
pub fn transaction<T, E: From<Failure>>(
    work: impl FnOnce() -> core::result::Result<T, E>,
) -> core::result::Result<T, E> {
    result(sys::sql_begin())?;
    match work() {
        Ok(value) => {
            result(sys::sql_commit())?;
            Ok(value)
        }
        Err(error) => {
            // The error that led here is the one to tell: what was not rolled back now is when the call ends.
            let _ = result(sys::sql_rollback());
            Err(error)
        }
    }
}

/// Parameters as the host reads them. `()` is `null` in JSON: no parameters.
fn encoded(params: &impl Serialize) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(params);
    let json =
        json.map_err(|error| Failure::new(Code::Invalid, format!("cannot pass the parameters: {error}")))?;
    Ok(if json == b"null" { Vec::new() } else { json })
}
