//! Measures in turns: what disturbs the machine disturbs all.

use std::time::Duration;

use anyhow::Result;

use crate::bench::clients::program::{Program, Side};
use crate::bench::clients::worker::Worker;
use crate::bench::clients::{Libraries, Row, Work};

/// How much is measured.
pub(super) struct Plan {
    rounds: usize,
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
}

/// The same work by the same client, with each of the libraries.
struct Pair {
    client: &'static str,
    public: Worker,
    ours: Worker,
    samples: Vec<(f64, f64)>,
}

/// Lets every client do the work, with each of the libraries.
pub(super) fn measure(
    programs: &[Program],
    libraries: &Libraries,
    work: &Work,
    plan: &Plan,
) -> Result<Vec<Row>> {
    let mut pairs = Vec::new();
    for program in programs {
        let start = |side| -> Result<Worker> {
            let calls = calls_of_a_batch(program, libraries, side, work, plan)?;
            let mut worker = Worker::start(program.command(libraries, side, work, calls))?;
            sample(&mut worker, plan)?;
            Ok(worker)
        };
        let (public, ours) = (start(Side::Public)?, start(Side::Ours)?);
        pairs.push(Pair { client: program.name, public, ours, samples: Vec::new() });
    }
    for round in 0..plan.rounds {
        for pair in &mut pairs {
            // Neither is always the first.
            let both = if round % 2 == 0 {
                let public = sample(&mut pair.public, plan)?;
                (public, sample(&mut pair.ours, plan)?)
            } else {
                let ours = sample(&mut pair.ours, plan)?;
                (sample(&mut pair.public, plan)?, ours)
            };
            pair.samples.push(both);
        }
    }
    Ok(pairs.into_iter().map(|pair| pair.row(work.name)).collect())
}

impl Pair {
    fn row(self, work: &'static str) -> Row {
        let column = |of: fn(&(f64, f64)) -> f64| median(self.samples.iter().map(of).collect());
        Row {
            client: self.client,
            work,
            public: column(|(public, _)| *public),
            ours: column(|(_, ours)| *ours),
            ratio: column(|(public, ours)| public / ours),
        }
    }
}

/// As many calls as take about the time of a batch, after so many that just-in-time compilers are done.
fn calls_of_a_batch(
    program: &Program,
    libraries: &Libraries,
    side: Side,
    work: &Work,
    plan: &Plan,
) -> Result<u64> {
    const TRIALS: usize = 3;
    let mut trial = Worker::start(program.command(libraries, side, work, 50))?;
    let nanoseconds = (0..TRIALS).map(|_| trial.round()).collect::<Result<Vec<_>>>()?;
    let best = nanoseconds.into_iter().fold(f64::INFINITY, f64::min);
    Ok((plan.batch.as_nanos() as f64 / best).clamp(1.0, 1e6) as u64)
}

fn sample(worker: &mut Worker, plan: &Plan) -> Result<f64> {
    let batches = (0..plan.batches).map(|_| worker.round()).collect::<Result<Vec<_>>>()?;
    Ok(batches.into_iter().fold(f64::INFINITY, f64::min))
}

fn median(mut values: Vec<f64>) -> f64 {
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
