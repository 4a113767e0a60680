//! Accepting connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::connection::{self, Answer, Terms};

/// How long to wait when the system has no connection to give: it has no file descriptors left, most likely.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens on an address.
///
/// # Errors
///
/// When the system refuses the address.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Accepts connections until the server stops, then waits for those that are open, at most for `patience`. Says how many were
/// cut after that.
pub(crate) async fn accept<A: Answer>(
    listener: TcpListener,
    terms: Arc<Terms<A>>,
    mut stopping: watch::Receiver<bool>,
    patience: Duration,
) -> usize {
    let max = terms.app.config.http.max_connections.clamp(1, Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(max));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => break,
            // What ended is forgotten.
            Some(_) = connections.join_next() => continue,
            accepted = place_and_connection(&listener, &places) => accepted,
        };
        match accepted {
            Ok((place, stream, address)) => {
                connections.spawn(connection::serve(terms.clone(), stream, address, place));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(patience, all_ended).await;
    connections.len()
}

async fn place_and_connection(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(tokio::sync::OwnedSemaphorePermit, tokio::net::TcpStream, SocketAddr)> {
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    Ok((place, stream, address))
}
