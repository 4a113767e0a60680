//! How much is measured, and what a sample is.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::bench::worker::Worker;

/// How much is measured.
pub(super) struct Plan {
    pub(super) rounds: usize,
    /// Batches of a sample, the best of which counts: other programs make a batch slower, and never faster.
    batches: usize,
    /// The time of a batch, about.
    batch: Duration,
}

impl Plan {
    pub(super) fn new(quick: bool) -> Self {
        let (rounds, batch) =
            if quick { (5, Duration::from_millis(5)) } else { (31, Duration::from_millis(20)) };
        Self { rounds, batches: 3, batch }
    }

    /// Starts a client that makes as many calls in a round as take about the time of a batch. `command` gets that number.
    pub(super) fn start(&self, command: impl Fn(u64) -> Command) -> Result<Worker> {
        // As long as just-in-time compilers need, and a few rounds at least.
        const TRIAL: Duration = Duration::from_millis(200);
        const ROUNDS: usize = 3;
        let mut trial = Worker::start(command(10))?;
        let start = Instant::now();
        let mut best = f64::INFINITY;
        let mut rounds = 0;
        while rounds < ROUNDS || start.elapsed() < TRIAL {
            best = best.min(trial.round()?);
            rounds += 1;
        }
        drop(trial);
        let calls = (self.batch.as_nanos() as f64 / best).clamp(1.0, 1e6) as u64;
        let mut worker = Worker::start(command(calls))?;
        self.sample(&mut worker)?;
        Ok(worker)
    }

    /// The nanoseconds of a call.
    pub(super) fn sample(&self, worker: &mut Worker) -> Result<f64> {
        let batches = (0..self.batches).map(|_| worker.round()).collect::<Result<Vec<_>>>()?;
        Ok(batches.into_iter().fold(f64::INFINITY, f64::min))
    }
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 100.0, 1.0]), 3.0);
    }
}
