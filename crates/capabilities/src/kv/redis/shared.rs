//! The connection of all calls that are awaited: on it, requests do not wait for each other's answers, and no thread waits for any.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisError, Value};

use super::failures::{failed, is_lost, late};
use crate::{Code, Failure, servers};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Who has waited so long in vain makes the next one use another connection: this one's server may be gone without a word.
const SUSPICIOUS: Duration = Duration::from_secs(1);

/// A connection that is made when it is needed.
#[derive(Default)]
pub(super) struct Shared {
    link: Arc<Mutex<Link>>,
    /// Held by who connects.
    connecting: tokio::sync::Mutex<()>,
}

/// The connection, if there is one.
#[derive(Default)]
struct Link {
    connection: Option<MultiplexedConnection>,
    /// The number of the connection: who finds one dead does not throw away its successor.
    number: u64,
}

impl Shared {
    /// Whether there is a connection.
    pub(super) fn is_connected(&self) -> bool {
        self.known().is_some()
    }

    /// The server's answer to a command.
    ///
    /// # Errors
    ///
    /// The outer one when there is no connection or no answer until the deadline, the inner one when the server refuses or the connection is
    /// lost.
    pub(super) async fn ask(
        &self,
        client: &Client,
        command: &Cmd,
        deadline: Instant,
    ) -> Result<Result<Value, RedisError>, Failure> {
        let connection = tokio::time::timeout_at(deadline.into(), self.connection(client));
        let (mut connection, number) = connection.await.map_err(|_| late())??;
        let began = Instant::now();
        let answer = tokio::time::timeout_at(deadline.into(), command.query_async(&mut connection)).await;
        let is_useless = match &answer {
            Ok(answer) => answer.as_ref().is_err_and(is_lost),
            Err(_) => began.elapsed() >= SUSPICIOUS,
        };
        if is_useless {
            self.forget(number);
        }
        answer.map_err(|_| late())
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> Option<(MultiplexedConnection, u64)> {
        let link = self.link();
        link.connection.clone().map(|connection| (connection, link.number))
    }

    async fn connection(&self, client: &Client) -> Result<(MultiplexedConnection, u64), Failure> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let _turn = self.connecting.lock().await;
        if let Some(known) = self.known() {
            return Ok(known);
        }
        // Operations have a limit of their own.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(None);
        let (client, link) = (client.clone(), self.link.clone());
        // A connection belongs to the runtime that it was made on. It is there for the next one even if this one waits no longer.
        let made = servers::runtime()?.spawn(async move {
            let connection = client.get_multiplexed_async_connection_with_config(&config).await?;
            let mut link = link.lock().unwrap_or_else(PoisonError::into_inner);
            link.number += 1;
            link.connection = Some(connection.clone());
            Ok((connection, link.number))
        });
        match made.await {
            Ok(made) => made.map_err(|error| failed(&error)),
            Err(error) => Err(Failure::new(Code::Internal, format!("connecting failed: {error}"))),
        }
    }

    /// Forgets a connection that is of no use any more.
    #[cold]
    fn forget(&self, number: u64) {
        let mut link = self.link();
        if link.number == number {
            link.connection = None;
        }
    }
}
