//! The times at which a guest called its host function `mark`.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

static MARKS: Mutex<Vec<Instant>> = Mutex::new(Vec::new());

/// Notes the time.
pub(crate) fn mark() {
    MARKS.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
}

/// The times between the marks since the last call of this function.
pub(crate) fn take() -> Vec<Duration> {
    let marks = std::mem::take(&mut *MARKS.lock().unwrap_or_else(PoisonError::into_inner));
    marks.windows(2).map(|pair| pair[1] - pair[0]).collect()
}
