//! Calls, and plug-ins made, by each of the modules in turns.

use std::process::Command;

use anyhow::Result;

use crate::bench::batches::{Plan, median};
use crate::bench::clients::time;
use crate::bench::node::table::{Row, Table};
use crate::bench::node::{Goal, MODULES, NAMES, Programs, checkout};
use crate::bench::worker::Worker;

/// What is called, by its name in `works.js`, and whether in a worker as well.
const WORKS: [(&str, bool); 6] = [
    ("empty call", true),
    ("copying echo of 64 B", true),
    ("copying echo of 1 MiB", true),
    ("host function, 64 B of text in and out", true),
    ("count vowels, 135 B", true),
    ("plug-in from bytes, one call, close", false),
];

const GOALS: [Goal; 4] = [
    Goal { row: "empty call, main thread", times: 1.5 },
    Goal { row: "empty call, `callSync`", times: 1.5 },
    Goal { row: "empty call, worker", times: 2.0 },
    Goal { row: "copying echo of 1 MiB, main thread", times: 30.0 },
];

/// A way to call that is compared: the public package's mode beside ours.
struct Manner {
    name: &'static str,
    public: &'static str,
    ours: &'static str,
}

const MAIN: Manner = Manner { name: "main thread", public: "main", ours: "main" };
const SYNC: Manner = Manner { name: "`callSync`", public: "main", ours: "sync" };
const WORKER: Manner = Manner { name: "worker", public: "worker", ours: "worker" };

/// Measures every work in every manner.
///
/// # Errors
/// When a client fails.
pub(super) fn measure(programs: &Programs, plan: &Plan) -> Result<Table> {
    let mut rows = Vec::new();
    for (work, in_worker) in WORKS {
        let manners: &[Manner] = if in_worker { &[MAIN, SYNC, WORKER] } else { &[MAIN] };
        for manner in manners {
            let row = format!("{work}, {}", manner.name);
            eprintln!("{row}");
            rows.push(measure_one(programs, plan, work, manner, row)?);
        }
    }
    let columns = NAMES.iter().map(|name| (*name).to_owned());
    Ok(Table { first: "call".to_owned(), columns: columns.collect(), rows })
}

fn measure_one(programs: &Programs, plan: &Plan, work: &str, manner: &Manner, name: String) -> Result<Row> {
    let start = |module: &str| {
        let mode = if module == "plugwright" { manner.ours } else { manner.public };
        plan.start(|calls| client(programs, module, mode, work, calls))
    };
    let mut workers = MODULES.iter().map(|module| start(module)).collect::<Result<Vec<Worker>>>()?;
    let mut samples = vec![Vec::new(); workers.len()];
    for round in 0..plan.rounds {
        for turn in 0..workers.len() {
            // None is always the first.
            let place = (round + turn) % workers.len();
            samples[place].push(plan.sample(&mut workers[place])?);
        }
    }
    let [.., ours] = &samples[..] else { unreachable!("there are modules") };
    let ratios = samples[..samples.len() - 1].iter().map(|public| median(ratios(public, ours))).collect();
    let goal = GOALS.iter().find(|goal| goal.row == name).map(|goal| goal.times);
    let figures = samples.iter().map(|samples| time(median(samples.clone()))).collect();
    Ok(Row { name, figures, ratios, goal })
}

fn ratios(dividends: &[f64], divisors: &[f64]) -> Vec<f64> {
    dividends.iter().zip(divisors).map(|(dividend, divisor)| dividend / divisor).collect()
}

fn client(programs: &Programs, module: &str, mode: &str, work: &str, calls: u64) -> Command {
    let mut command = programs.command("client.js");
    command.args([module, mode, work, &calls.to_string(), &checkout()]);
    command
}
