//! Measures in turns: what disturbs the machine disturbs all.

use anyhow::Result;

use crate::bench::batches::{Plan, median};
use crate::bench::clients::program::{Program, Side};
use crate::bench::clients::{Libraries, Row, Work};
use crate::bench::worker::Worker;

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
        let start = |side| plan.start(|calls| program.command(libraries, side, work, calls));
        let (public, ours) = (start(Side::Public)?, start(Side::Ours)?);
        pairs.push(Pair { client: program.name, public, ours, samples: Vec::new() });
    }
    for round in 0..plan.rounds {
        for pair in &mut pairs {
            // Neither is always the first.
            let both = if round % 2 == 0 {
                let public = plan.sample(&mut pair.public)?;
                (public, plan.sample(&mut pair.ours)?)
            } else {
                let ours = plan.sample(&mut pair.ours)?;
                (plan.sample(&mut pair.public)?, ours)
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
