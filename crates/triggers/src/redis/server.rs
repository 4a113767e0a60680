//! A server, and the connections that a trigger has to it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex as Lock, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisError, Value, cmd};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::BLOCK;

/// How long the server may take for anything that does not wait there.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The pause before something is said again.
const AGAIN: Duration = Duration::from_millis(50);

/// The connection for everything but requests that wait, and what is being handled here.
pub(super) struct Server {
    client: Client,
    /// None until it is needed, and after it broke.
    connection: Mutex<Option<MultiplexedConnection>>,
    in_hand: Arc<Lock<BTreeSet<String>>>,
}

/// A connection for requests that wait at the server, which nothing else should wait behind.
pub(super) struct Waiting {
    pub(super) connection: MultiplexedConnection,
    /// Its number at the server, which does not tell everybody.
    pub(super) id: Option<i64>,
}

/// An entry that is being handled here, until this is dropped.
pub(super) struct InHand {
    all: Arc<Lock<BTreeSet<String>>>,
    id: String,
}

async fn connect(client: &Client, response_timeout: Duration) -> Result<MultiplexedConnection, RedisError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(TIMEOUT))
        .set_response_timeout(Some(response_timeout));
    client.get_multiplexed_async_connection_with_config(&config).await
}

impl Waiting {
    pub(super) async fn connect(server: &Server) -> Result<Self, RedisError> {
        let mut connection = connect(&server.client, BLOCK + TIMEOUT).await?;
        let id = cmd("CLIENT").arg("ID").query_async(&mut connection).await.ok();
        Ok(Self { connection, id })
    }
}

impl Server {
    /// Nothing is connected yet.
    pub(super) fn new(client: Client) -> Self {
        Self { client, connection: Mutex::default(), in_hand: Arc::default() }
    }

    /// The connection, made if there is none.
    pub(super) async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut connection = self.connection.lock().await;
        match &*connection {
            Some(connection) => Ok(connection.clone()),
            None => Ok(connection.insert(connect(&self.client, TIMEOUT).await?).clone()),
        }
    }

    /// The connection is of no use any more.
    pub(super) async fn forget(&self) {
        *self.connection.lock().await = None;
    }

    /// Sends a command that may be sent twice, until it succeeds: as long as that, also over new connections.
    pub(super) async fn insist(&self, patience: Duration, command: &Cmd) -> Result<(), RedisError> {
        let until = Instant::now() + patience;
        loop {
            let said = async { command.query_async::<Value>(&mut self.connection().await?).await };
            match said.await {
                Err(_) if Instant::now() < until => {
                    self.forget().await;
                    tokio::time::sleep(AGAIN).await;
                }
                ended => return ended.map(drop),
            }
        }
    }

    /// Ends what waits on that connection, if the server allows that. Else it ends by itself.
    pub(super) async fn unblock(&self, id: Option<i64>) {
        let Some(id) = id else { return };
        let unblocked = async {
            let mut connection = self.connection().await?;
            cmd("CLIENT").arg("UNBLOCK").arg(id).query_async::<Value>(&mut connection).await
        };
        if let Err(error) = unblocked.await {
            tracing::debug!("a request for entries ends by itself: {}", super::shown(&error));
        }
    }

    fn in_hand(all: &Lock<BTreeSet<String>>) -> MutexGuard<'_, BTreeSet<String>> {
        all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that an entry is being handled here; none if it is already.
    pub(super) fn hold(&self, id: &str) -> Option<InHand> {
        Self::in_hand(&self.in_hand)
            .insert(id.to_owned())
            .then(|| InHand { all: self.in_hand.clone(), id: id.to_owned() })
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        Server::in_hand(&self.all).remove(&self.id);
    }
}
