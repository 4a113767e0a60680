//! The threads on which everything with NATS happens: a few for the whole process, so that callers may use any executor or none,
//! and guests that compute do not keep messages waiting.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{JoinError, JoinHandle};

use crate::error::RemoteError;

/// Parsing and writing messages is little work beside calls.
const THREADS: usize = 2;

/// The threads for messages.
///
/// # Errors
///
/// When the system refuses them.
pub(crate) fn messages() -> Result<&'static Handle, RemoteError> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        let builder = builder.worker_threads(THREADS).thread_name("plugwright-nats").enable_all();
        builder.build().map_err(|error| error.to_string())
    });
    runtime.as_ref().map(Runtime::handle).map_err(|error| RemoteError::Threads(error.clone()))
}

/// A task that ends when nobody waits for it any more.
pub(crate) struct AbortOnDrop<T>(pub(crate) JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Does something on those threads, whatever executor waits for it.
///
/// # Errors
///
/// When the system refuses threads. What is done is not expected to panic; if it does, that is an error as well.
pub(crate) async fn there<T: Send + 'static>(
    what: impl Future<Output = T> + Send + 'static,
) -> Result<T, RemoteError> {
    AbortOnDrop(messages()?.spawn(what)).await.map_err(|error| RemoteError::Threads(error.to_string()))
}
