//! What a call has of databases: of each a connection from its first statement on, and perhaps a transaction.

use std::sync::{Arc, Mutex, PoisonError};

use super::database::{Database, Link};
use super::failures::of_statement;
use super::run::run;
use crate::patience::Patience;
use crate::sql::Answer;
use crate::sql::functions::Bracket;
use crate::sql::request::{Purpose, Request};
use crate::sql::transaction::{Transaction, check_statement, rolled_back};

/// What is kept until a call's end. Clones are of the same call: a statement that nobody awaits any more has one until it has ended.
#[derive(Debug, Default, Clone)]
pub(in crate::sql) struct Sessions(Arc<Mutex<Vec<Session>>>);

impl Sessions {
    /// Whether there is a transaction in this database.
    pub(super) fn has_begun(&self, database: &Database) -> bool {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.iter().find(|session| std::ptr::eq(&*session.database, database));
        session.is_some_and(|session| session.transaction.is_begun())
    }

    /// Does something with the session on this database.
    pub(in crate::sql) fn with<T>(
        &self,
        database: &Arc<Database>,
        work: impl FnOnce(&mut Session) -> T,
    ) -> T {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sessions.iter().position(|session| Arc::ptr_eq(&session.database, database));
        let index = known.unwrap_or_else(|| {
            sessions.push(Session {
                database: database.clone(),
                held: None,
                transaction: Transaction::default(),
            });
            sessions.len() - 1
        });
        work(&mut sessions[index])
    }
}

/// A call's part in one database. What was not committed when it ends is rolled back.
#[derive(Debug)]
pub(in crate::sql) struct Session {
    database: Arc<Database>,
    held: Option<Link>,
    transaction: Transaction,
}

impl Session {
    /// Runs a statement. What it changes stays only if its reply is admitted.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(in crate::sql) fn run(
        &mut self,
        request: &Request,
        purpose: Purpose,
        limit: u64,
        patience: &Patience,
        admit: impl FnOnce(Vec<u8>) -> Answer<Vec<u8>>,
    ) -> Answer<Vec<u8>> {
        self.transaction.may_run()?;
        check_statement(&request.statement)?;
        let database = self.database.clone();
        let answer = run(&database, self.link(patience)?, request, purpose, limit, patience, admit);
        self.transaction.note(&answer);
        if answer.is_err() && !self.transaction.is_begun() {
            // What was begun for this statement alone.
            self.roll_back();
        }
        answer
    }

    /// Begins or ends a transaction.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(in crate::sql) fn bracket(&mut self, bracket: Bracket, patience: &Patience) -> Answer<()> {
        match bracket {
            Bracket::Begin => {
                self.transaction.may_begin()?;
                let is_read_only = self.database.is_read_only();
                let link = self.link(patience)?;
                // A writer takes its turn at once: a reader that begins to write later would fail when another was faster.
                link.perform(if is_read_only { "BEGIN" } else { "BEGIN IMMEDIATE" })?;
                self.transaction = Transaction::Open;
                Ok(())
            }
            Bracket::Commit => {
                self.transaction.may_end(bracket.function())?;
                let has_failed = self.transaction == Transaction::Failed;
                let link = self.link(patience)?;
                let answer = if has_failed { Err(rolled_back()) } else { link.perform("COMMIT") };
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
    fn link(&mut self, patience: &Patience) -> Answer<&mut Link> {
        let link = match &mut self.held {
            Some(held) => held,
            none => none.insert(self.database.take(patience)?),
        };
        link.limit_time(patience).map_err(|error| of_statement(link, &error))?;
        Ok(link)
    }

    /// Rolls back what there is. A connection that cannot is closed, which does it as well.
    fn roll_back(&mut self) {
        if let Some(link) = &self.held
            && !link.connection.is_autocommit()
            && link.perform("ROLLBACK").is_err()
        {
            self.held = None;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.roll_back();
        if let Some(link) = self.held.take() {
            self.database.put_back(link);
        }
    }
}
