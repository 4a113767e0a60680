//! What the micro-services protocol tells about each function.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts by function. Only functions of the plug-in have one, so that callers cannot make it grow.
#[derive(Default)]
pub(super) struct Stats(Mutex<BTreeMap<String, FunctionStats>>);

/// The counts of a function.
#[derive(Debug, Clone, Default)]
pub(super) struct FunctionStats {
    pub(super) requests: u64,
    pub(super) errors: u64,
    pub(super) last_error: String,
    /// From the arrival of requests to their replies.
    pub(super) time: Duration,
}

impl Stats {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, FunctionStats>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that there are counts for these functions.
    pub(super) fn begin(&self, functions: &[String]) {
        let mut stats = self.lock();
        for function in functions {
            stats.entry(function.clone()).or_default();
        }
    }

    /// Counts a request that was answered.
    pub(super) fn answered(&self, function: &str, time: Duration, error: Option<String>) {
        let mut stats = self.lock();
        let Some(stats) = stats.get_mut(function) else { return };
        stats.requests += 1;
        stats.time += time;
        if let Some(error) = error {
            stats.errors += 1;
            stats.last_error = error;
        }
    }

    pub(super) fn of(&self, function: &str) -> FunctionStats {
        self.lock().get(function).cloned().unwrap_or_default()
    }
}
