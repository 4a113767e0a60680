//! Measuring three entrants side by side: round after round each gives one sample, so that whatever disturbs the machine
//! disturbs all of them, and ratios are taken within a round.

use std::time::{Duration, Instant};

use anyhow::Result;

/// The batches of which a sample is the best.
const BATCHES: usize = 5;

/// How much to measure.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Few samples of short batches.
    pub(crate) quick: bool,
    /// What a batch takes at least, if its operation is shorter.
    pub(crate) batch: Duration,
    /// Rounds are made until there are this many...
    rounds: usize,
    /// ...or until they have taken this long, if there are `least` of them.
    budget: Duration,
    least: usize,
}

impl Plan {
    /// A plan of about a minute, or of some minutes.
    pub(crate) fn new(quick: bool) -> Self {
        let (batch, rounds, budget, least) = if quick { (400, 9, 1500, 1) } else { (2000, 31, 15_000, 3) };
        Self {
            quick,
            batch: Duration::from_micros(batch),
            rounds,
            budget: Duration::from_millis(budget),
            least,
        }
    }

    /// The same plan with at most this many rounds.
    pub(crate) fn rounds(self, rounds: usize) -> Self {
        Self { rounds, least: self.least.min(rounds), ..self }
    }
}

/// One of those that are measured: it gives `N` figures each time, or has none.
pub(crate) enum Entrant<const N: usize = 1> {
    Runs(Box<dyn FnMut() -> Result<[f64; N]>>),
    NotAvailable(String),
}

impl<const N: usize> Entrant<N> {
    /// An entrant that makes one sample at a time.
    pub(crate) fn samples(sample: impl FnMut() -> Result<[f64; N]> + 'static) -> Self {
        Self::Runs(Box::new(sample))
    }

    /// An entrant that takes no part, and why.
    pub(crate) fn not_available(reason: impl Into<String>) -> Self {
        Self::NotAvailable(reason.into())
    }

    /// An entrant whose figures are nanoseconds: `batch` does something as often as it is told and says how long that took.
    /// Each time it does `operations` of what is counted. It is run until a batch takes long enough, which warms it up. A
    /// sample is the best of some batches: other programs make a batch slower, and never faster.
    pub(crate) fn timed(
        plan: &Plan,
        operations: u64,
        mut batch: impl FnMut(u64) -> Result<[Duration; N]> + 'static,
    ) -> Result<Self> {
        let mut times = 1;
        loop {
            let start = Instant::now();
            batch(times)?;
            if start.elapsed() >= plan.batch {
                break;
            }
            times *= 2;
        }
        let divisor = times as f64 * operations as f64;
        Ok(Self::samples(move || {
            let mut best = [f64::INFINITY; N];
            for _ in 0..BATCHES {
                for (best, time) in best.iter_mut().zip(batch(times)?) {
                    *best = best.min(time.as_nanos() as f64 / divisor);
                }
            }
            Ok(best)
        }))
    }
}

/// Runs something as often as told, and says how long it took.
pub(crate) fn clock(times: u64, mut once: impl FnMut() -> Result<()>) -> Result<[Duration; 1]> {
    let start = Instant::now();
    for _ in 0..times {
        once()?;
    }
    Ok([start.elapsed()])
}

/// The three of a row.
pub(crate) struct Field<const N: usize = 1> {
    pub(crate) bare: Entrant<N>,
    pub(crate) peer: Entrant<N>,
    pub(crate) ours: Entrant<N>,
}

impl<const N: usize> Field<N> {
    /// Measures all three in turns. Each round begins with another one.
    pub(crate) fn race(self, plan: &Plan) -> Result<[Race; N]> {
        let mut entrants = [self.bare, self.peer, self.ours];
        let mut samples: [[Vec<f64>; 3]; N] = std::array::from_fn(|_| Default::default());
        let start = Instant::now();
        for round in 0..plan.rounds {
            if round >= plan.least && start.elapsed() >= plan.budget {
                break;
            }
            for turn in 0..entrants.len() {
                let index = (round + turn) % entrants.len();
                if let Entrant::Runs(sample) = &mut entrants[index] {
                    for (figures, value) in samples.iter_mut().zip(sample()?) {
                        figures[index].push(value);
                    }
                }
            }
        }
        Ok(samples.map(|[bare, peer, ours]| Race {
            bare: Figure::of(&entrants[0], bare),
            peer: Figure::of(&entrants[1], peer),
            ours: Figure::of(&entrants[2], ours),
        }))
    }
}

/// What was measured of one entrant.
#[derive(Clone)]
pub(crate) enum Figure {
    /// A sample of each round, in their order.
    Measured(Vec<f64>),
    /// Why there is none.
    NotAvailable(String),
}

impl Figure {
    fn of<const N: usize>(entrant: &Entrant<N>, samples: Vec<f64>) -> Self {
        match entrant {
            Entrant::Runs(_) => Self::Measured(samples),
            Entrant::NotAvailable(reason) => Self::NotAvailable(reason.clone()),
        }
    }

    /// The median of the samples.
    pub(crate) fn median(&self) -> Option<f64> {
        median(self.samples().iter().copied())
    }

    /// The samples, none if there is no figure.
    pub(crate) fn samples(&self) -> &[f64] {
        match self {
            Self::Measured(samples) => samples,
            Self::NotAvailable(_) => &[],
        }
    }
}

/// The figures of a row.
#[derive(Clone)]
pub(crate) struct Race {
    pub(crate) bare: Figure,
    pub(crate) peer: Figure,
    pub(crate) ours: Figure,
}

impl Race {
    /// Our figure divided by the bare engine's: the median of the rounds' ratios.
    pub(crate) fn ours_over_bare(&self) -> Option<f64> {
        ratio(&self.ours, &self.bare)
    }

    /// The other host's figure divided by ours: the median of the rounds' ratios.
    pub(crate) fn peer_over_ours(&self) -> Option<f64> {
        ratio(&self.peer, &self.ours)
    }
}

fn ratio(over: &Figure, under: &Figure) -> Option<f64> {
    let pairs = over.samples().iter().zip(under.samples());
    median(pairs.filter(|(_, under)| **under > 0.0).map(|(over, under)| over / under))
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        length if length % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}
