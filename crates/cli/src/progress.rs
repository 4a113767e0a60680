//! Showing that something takes time, on a terminal.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::ProgressBar;

use crate::args::Global;

const TICK: Duration = Duration::from_millis(100);

/// A spinner with a message, until it is dropped. There is none where nobody would see it.
pub(crate) struct Spinner(Option<ProgressBar>);

impl Spinner {
    pub(crate) fn start(message: String, global: &Global) -> Self {
        if global.quiet || global.json || !io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new_spinner().with_message(message);
        bar.enable_steady_tick(TICK);
        Self(Some(bar))
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
