//! The connection of all calls that are awaited: on it, requests do not wait for each other's answers, and no thread waits for any.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisError, Value};

use super::failures::{failed, is_lost};
use crate::{Code, Failure, servers};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that is made when it is needed.
#[derive(Default)]
pub(super) struct Shared {
    link: Mutex<Link>,
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
    /// The outer one when there is no connection, the inner one when the server refuses or the connection is lost.
    pub(super) async fn ask(
        &self,
        client: &Client,
        command: &Cmd,
    ) -> Result<Result<Value, RedisError>, Failure> {
        let (mut connection, number) = self.connection(client).await?;
        let answer = command.query_async(&mut connection).await;
        if answer.as_ref().is_err_and(is_lost) {
            self.forget(number);
        }
        Ok(answer)
    }

    fn known(&self) -> Option<(MultiplexedConnection, u64)> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
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
        let client = client.clone();
        // A connection belongs to the runtime that it was made on.
        let made = servers::runtime()?
            .spawn(async move { client.get_multiplexed_async_connection_with_config(&config).await });
        let connection = match made.await {
            Ok(made) => made.map_err(|error| failed(&error))?,
            Err(error) => return Err(Failure::new(Code::Internal, format!("connecting failed: {error}"))),
        };
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.number += 1;
        link.connection = Some(connection.clone());
        Ok((connection, link.number))
    }

    /// Forgets a connection that is of no use any more.
    #[cold]
    fn forget(&self, number: u64) {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if link.number == number {
            link.connection = None;
        }
    }
}
