//! What a call has of a database: a connection from its first statement on, and perhaps a transaction.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout_at;

use super::database::Database;
use super::lease::Lease;
use crate::background;
use crate::sql::Answer;
use crate::sql::functions::{Bracket, out_of_time};
use crate::sql::request::{Purpose, Request};
use crate::sql::transaction::{Transaction, check_statement, rolled_back};

/// The part of a call that is kept until its end. What was not committed then is rolled back.
#[derive(Clone, Default)]
pub(in crate::sql) struct Session(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lease: Option<Lease>,
    transaction: Transaction,
}

impl Session {
    /// Runs a statement.
    ///
    /// # Errors
    ///
    /// For the plug-in.
    pub(in crate::sql) async fn run(
        self,
        database: Arc<Database>,
        request: Request,
        purpose: Purpose,
        limit: u64,
        deadline: Instant,
    ) -> Answer<Vec<u8>> {
        self.until(deadline, move |mut state| async move {
            state.transaction.may_run()?;
            check_statement(&request.statement)?;
            let answer = match state.lease(&database).await {
                Ok(lease) => lease.run(&request, purpose, limit).await,
                Err(failure) => Err(failure),
            };
            state.transaction.note(&answer);
            if answer.is_err() && !state.transaction.is_begun() {
                state.end_reading(&database).await;
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
    pub(in crate::sql) async fn bracket(
        self,
        database: Arc<Database>,
        bracket: Bracket,
        deadline: Instant,
    ) -> Answer<()> {
        self.until(deadline, move |mut state| async move {
            if bracket == Bracket::Begin {
                state.transaction.may_begin()?;
                state.lease(&database).await?.begin().await?;
                state.transaction = Transaction::Open;
                return Ok(());
            }
            state.transaction.may_end(bracket.function())?;
            let has_failed = state.transaction == Transaction::Failed;
            let commits = bracket == Bracket::Commit && !has_failed;
            let answer = match &mut state.lease {
                Some(lease) => lease.end(if commits { "COMMIT" } else { "ROLLBACK" }).await,
                // The connection was lost, and the transaction with it.
                None => Ok(()),
            };
            state.transaction = Transaction::None;
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
            let mut state = self.0.clone().lock_owned().await;
            state.shed();
            match timeout_at(deadline.into(), work(state)).await {
                Ok(answer) => answer,
                Err(_) => {
                    self.0.lock().await.shed();
                    Err(out_of_time())
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

    /// The call's connection.
    async fn lease(&mut self, database: &Arc<Database>) -> Answer<&mut Lease> {
        Ok(match &mut self.lease {
            Some(lease) => lease,
            none => none.insert(database.take().await?),
        })
    }

    /// Ends the transaction that keeps single statements from writing, after one has failed in it.
    async fn end_reading(&mut self, database: &Database) {
        if database.is_read_only()
            && let Some(lease) = &mut self.lease
            && lease.end("ROLLBACK").await.is_err()
        {
            self.lease = None;
        }
    }
}
