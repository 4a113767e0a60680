//! The threads that guests run on that do not run on the thread of JavaScript: as many as the machine has processors.

use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

/// Of the whole process: threads of JavaScript share them, and they end with it.
static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);

/// The threads, started when they are first asked for.
///
/// # Errors
/// When the system refuses to start them.
pub(crate) fn handle() -> napi::Result<Handle> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = &*runtime {
        return Ok(runtime.handle().clone());
    }
    let made = Builder::new_multi_thread().thread_name("plugwright-node").build();
    let made = made.map_err(|error| napi::Error::from_reason(format!("cannot start threads: {error}")))?;
    Ok(runtime.insert(made).handle().clone())
}
