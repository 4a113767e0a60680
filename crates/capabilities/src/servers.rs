//! What connections to servers have in common: the runtime that they live on.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

use crate::{Code, Failure};

/// The runtime of all connections. It lives as long as the process: a connection may be older than any runtime of a caller's.
///
/// # Errors
///
/// `Internal` when the system refuses the thread.
pub(crate) fn runtime() -> Result<&'static Runtime, Failure> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        let made =
            Builder::new_multi_thread().worker_threads(1).thread_name("plugwright-io").enable_all().build();
        made.map_err(|error| format!("the system refuses a thread for connections: {error}"))
    });
    made.as_ref().map_err(|message| Failure::new(Code::Internal, message.clone()))
}

/// Runs a task on the [runtime](runtime).
///
/// # Errors
///
/// When the system refuses the thread.
#[cfg(any(feature = "nats", feature = "mqtt"))]
pub(crate) fn spawn<F>(task: F) -> std::io::Result<tokio::task::JoinHandle<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Ok(runtime().map_err(|failure| std::io::Error::other(failure.message))?.spawn(task))
}
