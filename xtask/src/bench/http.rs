//! `plugwright serve` under load: beside hyper with the bare engine, beside Fastify with the public JS SDK, with an instance for each
//! request, and with a hostile route.

mod hostile;
mod server;
mod table;

use anyhow::Result;

use crate::bench::batches::median;
use crate::bench::{page, wrk};
use crate::cache::Cache;
use crate::guests;
use crate::toolchain::Wrk;
use server::Servers;

/// How long is measured.
struct Plan {
    rounds: usize,
    /// Of each sample.
    seconds: u32,
    connections: u32,
}

impl Plan {
    fn new(quick: bool) -> Self {
        let (rounds, seconds) = if quick { (1, 1) } else { (5, 4) };
        Self { rounds, seconds, connections: 64 }
    }
}

/// What is compared: requests a second of two paths, and what part, or how many times, of the first the second is to be.
struct Comparison {
    name: &'static str,
    bytes: u32,
    than: Path,
    ours: Path,
    goal: f64,
}

/// Where requests go.
#[derive(Debug, Clone, Copy)]
enum Path {
    Bare,
    Fastify,
    Ours(&'static str),
}

const SMALL: u32 = 64;
const LARGE: u32 = 64 << 10;

const COMPARISONS: [Comparison; 5] = [
    Comparison {
        name: "echo, to bare",
        bytes: SMALL,
        than: Path::Bare,
        ours: Path::Ours("/echo"),
        goal: 0.7,
    },
    Comparison {
        name: "echo, to bare",
        bytes: LARGE,
        than: Path::Bare,
        ours: Path::Ours("/echo"),
        goal: 0.8,
    },
    Comparison {
        name: "copying echo (Rust), to Fastify",
        bytes: SMALL,
        than: Path::Fastify,
        ours: Path::Ours("/copy"),
        goal: 3.0,
    },
    Comparison {
        name: "copying echo (Rust), to Fastify",
        bytes: LARGE,
        than: Path::Fastify,
        ours: Path::Ours("/copy"),
        goal: 20.0,
    },
    Comparison {
        name: "count vowels (Rust), an instance for each request, to shared ones",
        bytes: SMALL,
        than: Path::Ours("/shared"),
        ours: Path::Ours("/per-request"),
        goal: 0.5,
    },
];

/// A line of the result: requests a second, and the median of the rounds' ratios.
struct Row {
    comparison: &'static Comparison,
    than: f64,
    ours: f64,
    ratio: f64,
}

/// Builds the servers, measures, prints tables, and writes them into the page unless this is a quick run.
///
/// # Errors
/// When something cannot be built, a server fails, or a request that should succeed does not.
pub(super) fn run(quick: bool) -> Result<()> {
    guests::build()?;
    let load = Wrk::set_up(&Cache::open()?)?;
    let servers = Servers::start()?;
    let plan = Plan::new(quick);
    let rows =
        COMPARISONS.iter().map(|each| compare(&load, &servers, each, &plan)).collect::<Result<Vec<_>>>()?;
    let beside = hostile::measure(&load, &servers, &plan)?;
    print!("{}", table::text(&rows, &beside));
    if !quick {
        page::write("bench --http", &table::section(&rows, &beside, &plan)?)?;
    }
    Ok(())
}

fn compare(load: &Wrk, servers: &Servers, comparison: &'static Comparison, plan: &Plan) -> Result<Row> {
    let Plan { connections, seconds, .. } = *plan;
    let rate = |path| wrk::post(load, &servers.url(path), comparison.bytes, connections, seconds)?.rate();
    // What was not warm is not measured.
    rate(comparison.than)?;
    rate(comparison.ours)?;
    let mut samples = Vec::new();
    for round in 0..plan.rounds {
        // Neither is always the first.
        samples.push(if round % 2 == 0 {
            let than = rate(comparison.than)?;
            (than, rate(comparison.ours)?)
        } else {
            let ours = rate(comparison.ours)?;
            (rate(comparison.than)?, ours)
        });
    }
    let column = |of: fn(&(f64, f64)) -> f64| median(samples.iter().map(of).collect());
    Ok(Row {
        comparison,
        than: column(|(than, _)| *than),
        ours: column(|(_, ours)| *ours),
        ratio: column(|(than, ours)| ours / than),
    })
}
