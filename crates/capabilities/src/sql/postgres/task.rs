//! A statement of a plug-in's on a connection.

use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::Statement;
use tokio_postgres::error::SqlState;

use super::failures::Doubt;
use super::link::Link;
use super::{cells, failures, parameters};
use crate::Failure;
use crate::sql::Answer;
use crate::sql::request::{Purpose, Request};
use crate::sql::rows::{Rows, affected};
use crate::sql::value::Cell;

/// The function of the server that finds out that the rows of a statement would have other columns than those it was prepared with.
const REVALIDATES: &str = "RevalidateCachedQuery";

/// A statement that is to be run, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) request: &'a Request,
    pub(super) purpose: Purpose,
    /// The most bytes of the reply.
    pub(super) limit: u64,
    pub(super) read_only: bool,
    /// Whether the plug-in has begun a transaction.
    pub(super) in_transaction: bool,
}

/// Why a statement gave no reply.
enum Wrong {
    Server(tokio_postgres::Error),
    Reply(Failure),
}

impl From<tokio_postgres::Error> for Wrong {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
}

/// Whether a statement that was prepared before is not valid any more: a table was changed, or the plug-in has removed the statement.
fn is_outdated(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|error| match *error.code() {
        SqlState::FEATURE_NOT_SUPPORTED => error.routine() == Some(REVALIDATES),
        SqlState::INVALID_SQL_STATEMENT_NAME => true,
        _ => false,
    })
}

impl Task<'_> {
    /// What is not known when the task does not come to its end.
    pub(super) fn doubt(&self) -> Option<Doubt> {
        (!self.read_only && !self.in_transaction).then_some(Doubt::Changed)
    }

    /// Runs the statement, and returns the reply.
    pub(super) async fn run(&self, link: &mut Link, has_unread_rows: &mut bool) -> Answer<Vec<u8>> {
        link.bound.set(self.limit);
        if self.read_only {
            link.begin_reading().await?;
        }
        loop {
            let (statement, is_old) = link.prepare(&self.request.statement).await?;
            parameters::check_count(&statement, &self.request.params)?;
            let answer = match self.purpose {
                Purpose::Query => self.query(link, &statement, has_unread_rows).await,
                Purpose::Execute => self.execute(link, &statement).await,
            };
            let failure = match answer {
                Ok(reply) => return Ok(reply),
                Err(Wrong::Reply(failure)) => failure,
                Err(Wrong::Server(error)) => {
                    link.forget(&self.request.statement);
                    if is_old && is_outdated(&error) {
                        self.begin_anew(link).await?;
                        continue;
                    }
                    failures::of(&error, Some(&link.bound))
                }
            };
            // The server may have been done with it when it was told to stop.
            let is_cut_off = *has_unread_rows || link.bound.is_exceeded();
            return Err(match self.doubt() {
                Some(doubt) if is_cut_off => doubt.added_to(failure),
                _ => failure,
            });
        }
    }

    /// Makes it possible to run the statement again, of which nothing was done.
    async fn begin_anew(&self, link: &mut Link) -> Answer<()> {
        if self.in_transaction {
            return Err(failures::outdated());
        }
        if self.read_only {
            link.has_begun_reading = false;
            link.perform("ROLLBACK").await?;
            link.begin_reading().await?;
        }
        Ok(())
    }

    async fn query(
        &self,
        link: &Link,
        statement: &Statement,
        has_unread_rows: &mut bool,
    ) -> Result<Vec<u8>, Wrong> {
        let columns = statement.columns();
        cells::check_types(columns).map_err(Wrong::Reply)?;
        let mut reply = Rows::new(columns.iter().map(tokio_postgres::Column::name), self.limit);
        let mut rows = pin!(link.client.query_raw(statement, &self.request.params).await?);
        while let Some(row) = rows.try_next().await? {
            if let Err(wrong) = add(&row, &mut reply) {
                *has_unread_rows = true;
                return Err(wrong);
            }
        }
        Ok(reply.finish())
    }

    async fn execute(&self, link: &Link, statement: &Statement) -> Result<Vec<u8>, Wrong> {
        Ok(affected(link.client.execute_raw(statement, &self.request.params).await?))
    }
}

fn add(row: &tokio_postgres::Row, reply: &mut Rows) -> Result<(), Wrong> {
    reply.begin();
    for index in 0..row.len() {
        let cell: Cell<'_> = row.try_get(index)?;
        reply.cell(&cell).map_err(Wrong::Reply)?;
    }
    reply.end().map_err(Wrong::Reply)
}
