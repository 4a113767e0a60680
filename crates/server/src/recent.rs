//! The last errors, for people who look what is going on.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use plugwright::Error;
use serde::Serialize;

use crate::time;

/// How many are kept.
const KEPT: usize = 100;

/// The longest message and the most frames that are kept of an error.
const MAX_MESSAGE_CHARS: usize = 2000;
const MAX_FRAMES: usize = 30;

/// The last errors of calls.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<VecDeque<RecentError>>);

/// An error of a call.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RecentError {
    /// In UTC, as RFC 3339 has it.
    time: String,
    route: String,
    plugin: String,
    function: String,
    kind: &'static str,
    message: String,
    /// A line for each frame.
    backtrace: Vec<String>,
}

impl Recent {
    /// Notes an error.
    #[cold]
    pub(crate) fn note(&self, route: &str, plugin: &str, function: &str, error: &Error) {
        let noted = RecentError {
            time: time::rfc3339(SystemTime::now()),
            route: route.to_owned(),
            plugin: plugin.to_owned(),
            function: function.to_owned(),
            kind: error.kind().name(),
            message: error.message().chars().take(MAX_MESSAGE_CHARS).collect(),
            backtrace: backtrace(error),
        };
        let mut errors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if errors.len() == KEPT {
            errors.pop_front();
        }
        errors.push_back(noted);
    }

    /// The errors, newest first.
    pub(crate) fn all(&self) -> Vec<RecentError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }
}

/// Where in the guest an error happened: a line for each frame.
pub(crate) fn backtrace(error: &Error) -> Vec<String> {
    let Some(backtrace) = error.backtrace() else { return Vec::new() };
    backtrace.to_string().lines().take(MAX_FRAMES).map(str::to_owned).collect()
}
