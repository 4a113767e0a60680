//! What a call has of a database: a connection from its first statement on, and perhaps a transaction.

use std::sync::Arc;
use std::time::Instant;

use super::database::{Database, Link};
use super::failures::of_statement;
use super::run::run;
use crate::Failure;
use crate::sql::Answer;
use crate::sql::functions::Bracket;
use crate::sql::request::{Purpose, Request};
use crate::sql::transaction::{Transaction, check_statement, rolled_back};

/// The part of a call that is kept until its end. What was not committed then is rolled back.
#[derive(Debug, Default)]
pub(in crate::sql) struct Session {
    held: Option<(Arc<Database>, Link)>,
    transaction: Transaction,
}

impl Session {
    /// Runs a statement.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(in crate::sql) fn run(
        &mut self,
        database: &Arc<Database>,
        request: &Request,
        purpose: Purpose,
        limit: u64,
        deadline: Instant,
    ) -> Answer<Vec<u8>> {
        self.transaction.may_run()?;
        check_statement(&request.statement)?;
        let answer = run(self.link(database, deadline)?, request, purpose, limit);
        self.transaction.note(&answer);
        answer
    }

    /// Begins or ends a transaction.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(in crate::sql) fn bracket(
        &mut self,
        database: &Arc<Database>,
        bracket: Bracket,
        deadline: Instant,
    ) -> Answer<()> {
        match bracket {
            Bracket::Begin => {
                self.transaction.may_begin()?;
                let link = self.link(database, deadline)?;
                // A writer takes its turn at once: a reader that begins to write later would fail when another was faster.
                perform(link, if database.is_read_only() { "BEGIN" } else { "BEGIN IMMEDIATE" })?;
                self.transaction = Transaction::Open;
                Ok(())
            }
            Bracket::Commit => {
                self.transaction.may_end(bracket.function())?;
                let has_failed = self.transaction == Transaction::Failed;
                let link = self.link(database, deadline)?;
                let answer = if has_failed { Err(rolled_back()) } else { perform(link, "COMMIT") };
                if answer.is_err() {
                    self.roll_back();
                }
                self.transaction = Transaction::None;
                answer
            }
            Bracket::Rollback => {
                self.transaction.may_end(bracket.function())?;
                self.roll_back();
                self.transaction = Transaction::None;
                Ok(())
            }
        }
    }

    /// The call's connection, with this much time.
    fn link(&mut self, database: &Arc<Database>, deadline: Instant) -> Answer<&mut Link> {
        let (_, link) = match &mut self.held {
            Some(held) => held,
            none => none.insert((database.clone(), database.take(deadline)?)),
        };
        link.limit_time(deadline).map_err(|error| of_statement(link, &error))?;
        Ok(link)
    }

    /// Rolls back what there is. A connection that cannot is closed, which does it as well.
    fn roll_back(&mut self) {
        if let Some((_, link)) = &self.held
            && !link.connection.is_autocommit()
            && link.guard.trusting(|| link.connection.execute_batch("ROLLBACK")).is_err()
        {
            self.held = None;
        }
    }
}

/// Runs a statement of the host's own.
fn perform(link: &Link, statement: &str) -> Result<(), Failure> {
    let done = link.guard.trusting(|| link.connection.execute_batch(statement));
    done.map_err(|error| of_statement(link, &error))
}

impl Drop for Session {
    fn drop(&mut self) {
        self.roll_back();
        if let Some((database, link)) = self.held.take() {
            database.put_back(link);
        }
    }
}
