//! Waiting for what another process does.

use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to start or to end: it takes long on a busy machine only.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until the answer is yes, and returns whether it was in time.
///
/// # Errors
/// That of the question, at once.
pub(crate) fn until<E>(mut question: impl FnMut() -> Result<bool, E>) -> Result<bool, E> {
    let start = Instant::now();
    loop {
        if question()? {
            return Ok(true);
        }
        if start.elapsed() >= PATIENCE {
            return Ok(false);
        }
        // Nothing tells us: it has to be asked again.
        thread::sleep(Duration::from_millis(5));
    }
}
