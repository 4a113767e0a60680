//! What a call has of a database: a connection from its first statement on, and perhaps a transaction.

use std::future::Future;
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout_at;

use super::database::Database;
use super::failures::{Doubt, out_of_time};
use super::lease::Lease;
use super::task::Task;
use crate::background;
use crate::sql::Answer;
use crate::sql::functions::Bracket;
use crate::sql::request::{Purpose, Request};
use crate::sql::transaction::{Transaction, check_statement, rolled_back};

/// What a call has of databases, until its end: a plug-in may have several, each by functions of its own.
#[derive(Default)]
pub(in crate::sql) struct Sessions(Vec<Session>);

impl Sessions {
    /// The session with a database.
    pub(in crate::sql) fn of(&mut self, database: &Arc<Database>) -> Session {
        if let Some(session) = self.0.iter().find(|session| Arc::ptr_eq(&session.database, database)) {
            return session.clone();
        }
        let session = Session { database: database.clone(), state: Arc::default() };
        self.0.push(session.clone());
        session
    }
}

/// What a call has of one database. What was not committed at the end of the call is rolled back.
#[derive(Clone)]
pub(in crate::sql) struct Session {
    database: Arc<Database>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    lease: Option<Lease>,
    transaction: Transaction,
    /// What is not known if the time runs out now.
    doubt: Option<Doubt>,
}

impl Session {
    /// Runs a statement.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(in crate::sql) async fn run(
        self,
        request: Request,
        purpose: Purpose,
        limit: u64,
        deadline: Instant,
    ) -> Answer<Vec<u8>> {
        let database = self.database.clone();
        self.until(deadline, move |mut state| async move {
            state.transaction.may_run()?;
            check_statement(&request.statement)?;
            let (read_only, in_transaction) = (database.is_read_only(), state.transaction.is_begun());
            let task = Task { request: &request, purpose, limit, read_only, in_transaction };
            let answer = match state.lease(&database, task.doubt()).await {
                Ok(lease) => lease.run(task).await,
                Err(failure) => Err(failure),
            };
            state.transaction.note(&answer);
            if answer.is_err() && read_only && !in_transaction {
                state.end_reading().await;
            }
            answer
        })
        .await
    }

    /// Begins or ends a transaction.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(in crate::sql) async fn bracket(self, bracket: Bracket, deadline: Instant) -> Answer<()> {
        let database = self.database.clone();
        self.until(deadline, move |mut state| async move {
            if bracket == Bracket::Begin {
                state.transaction.may_begin()?;
                state.lease(&database, None).await?.begin().await?;
                state.transaction = Transaction::Open;
                return Ok(());
            }
            state.transaction.may_end(bracket.function())?;
            // Whatever becomes of this: there is no answer to a second attempt that would be true.
            let has_failed = mem::take(&mut state.transaction) == Transaction::Failed;
            let commits = bracket == Bracket::Commit && !has_failed;
            state.doubt = commits.then_some(Doubt::Committed);
            let answer = match &mut state.lease {
                Some(lease) => lease.end(if commits { "COMMIT" } else { "ROLLBACK" }).await,
                // The connection was lost, and the transaction with it.
                None => Ok(()),
            };
            match (bracket, has_failed) {
                (Bracket::Commit, true) => Err(rolled_back()),
                // A connection that is lost has rolled back.
                (Bracket::Rollback, _) => Ok(()),
                _ => answer,
            }
        })
        .await
    }

    /// Does something with the state, until the deadline.
    async fn until<T: Send + 'static, F>(
        self,
        deadline: Instant,
        work: impl FnOnce(OwnedMutexGuard<State>) -> F + Send + 'static,
    ) -> Answer<T>
    where
        F: Future<Output = Answer<T>> + Send + 'static,
    {
        // The work is driven by our own runtime: it uses its clock and connections.
        background::run(async move {
            let mut state = self.state.clone().lock_owned().await;
            state.shed();
            state.doubt = None;
            match timeout_at(deadline.into(), work(state)).await {
                Ok(answer) => answer,
                Err(_) => {
                    let mut state = self.state.lock().await;
                    state.shed();
                    Err(out_of_time(state.doubt))
                }
            }
        })
        .await
    }
}

impl State {
    /// Gives up a connection that is of no use any more, and what was begun on it.
    fn shed(&mut self) {
        if self.lease.as_ref().is_some_and(Lease::is_spent) {
            self.lease = None;
            if self.transaction.is_begun() {
                self.transaction = Transaction::Failed;
            }
        }
    }

    /// The call's connection, for something that leaves this doubt when it takes too long.
    async fn lease(&mut self, database: &Arc<Database>, doubt: Option<Doubt>) -> Answer<&mut Lease> {
        let lease = match &mut self.lease {
            Some(lease) => lease,
            none => none.insert(database.take().await?),
        };
        self.doubt = doubt;
        Ok(lease)
    }

    /// Ends the transaction that keeps single statements from writing, after one has failed in it.
    async fn end_reading(&mut self) {
        let Some(lease) = &mut self.lease else { return };
        // A connection whose rows nobody reads would send all of them first. It is given up, and its transaction with it.
        if lease.is_spent() || lease.end("ROLLBACK").await.is_err() {
            self.lease = None;
        }
    }
}
