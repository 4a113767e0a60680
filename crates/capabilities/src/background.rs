//! The thread on which connections live: they outlast the calls that use them, and the runtimes of those who make the calls.

use std::future::Future;
use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;

static HANDLE: Mutex<Option<Handle>> = Mutex::new(None);

/// The runtime of the thread, which is started by whoever comes first and never ends.
///
/// # Errors
///
/// When the system refuses a thread.
fn handle() -> io::Result<Handle> {
    let mut started = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*started {
        return Ok(handle.clone());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("plugwright-connections".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    *started = Some(handle.clone());
    Ok(handle)
}

/// Runs a task on the thread.
///
/// # Errors
///
/// When the system refuses a thread.
pub(crate) fn spawn<F>(task: F) -> io::Result<JoinHandle<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Ok(handle()?.spawn(task))
}
