//! A statement and its parameters, as a plug-in passes them.

use plugwright::CurrentPlugin;

use super::value::Param;
use crate::arguments::{bytes, text};
use crate::call::Stop;
use crate::{Failure, Grant};

/// A statement with its parameters.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) statement: String,
    pub(super) params: Vec<Param>,
}

/// What the plug-in wants to do with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To get rows.
    Query,
    /// To know how many rows were changed.
    Execute,
}

impl Request {
    /// Reads what was passed, and admits it.
    ///
    /// # Errors
    ///
    /// The outer ones end the call; the inner ones are for the plug-in.
    pub(super) fn read(
        plugin: &CurrentPlugin<'_>,
        grant: &Grant,
        purpose: Purpose,
        [statement, params]: [u64; 2],
    ) -> Result<Result<Self, Failure>, Stop> {
        let (statement, params) = (bytes(plugin, statement)?, bytes(plugin, params)?);
        Ok(Self::parse(grant, purpose, statement, params))
    }

    fn parse(grant: &Grant, purpose: Purpose, statement: &[u8], params: &[u8]) -> Result<Self, Failure> {
        let size = statement.len().saturating_add(params.len());
        grant.check_size("the statement with its parameters", size)?;
        match purpose {
            // Whether it writes is for the database to find out.
            Purpose::Query => grant.admit_read(size)?,
            Purpose::Execute => grant.admit_write("sql_execute", size)?,
        }
        let statement = text("the statement", statement)?;
        if statement.contains('\0') {
            return Err(Failure::invalid("the statement has a zero byte: pass what has one as a parameter"));
        }
        Ok(Self { statement: statement.to_owned(), params: Param::parse_all(params)? })
    }
}
