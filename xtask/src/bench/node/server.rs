//! A web server by Fastify that answers by a plug-in, under load: by each of the modules, and without a plug-in, in turns.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context, Result};

use crate::bench::batches::median;
use crate::bench::clients::time;
use crate::bench::node::table::{Row, Table};
use crate::bench::node::{Goal, MODULES, NAMES, Programs, checkout};
use crate::bench::wrk;
use crate::process;
use crate::toolchain::Wrk;

/// Bytes of a body, and connections at once.
const LOADS: [(u32, u32); 4] = [(64, 1), (64, 32), (64 << 10, 1), (64 << 10, 32)];

/// How often all servers are loaded, unless this is a quick run.
const ROUNDS: usize = 7;

/// How often one of them is loaded at a time: the best counts, as what others do on the machine changes from one second to the next.
const BATCHES: usize = 3;

/// How long each of these takes, in seconds.
const SECONDS: u32 = 1;

/// To the public packages.
const GOALS: [Goal; 2] =
    [Goal { row: "64 KiB, 1 connection", times: 10.0 }, Goal { row: "64 KiB, 32 connections", times: 10.0 }];

/// What ours is to keep of the requests that Fastify answers without a plug-in, at 64 bytes.
const KEPT: f64 = 0.75;

/// A server; dropping this ends it.
struct Server {
    child: Child,
    input: ChildStdin,
    lines: BufReader<ChildStdout>,
    port: String,
}

impl Server {
    /// Starts one that answers by a module, or by itself (`none`).
    fn start(programs: &Programs, module: &str) -> Result<Self> {
        let mut command = programs.command("server.js");
        command.args([module, &checkout()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start node")?;
        let input = child.stdin.take().context("the server has no input")?;
        let lines = BufReader::new(child.stdout.take().context("the server has no output")?);
        let mut server = Self { child, input, lines, port: String::new() };
        server.port = server.line()?;
        Ok(server)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// The processor time that it has taken, with all of its threads, in nanoseconds.
    fn processor_time(&mut self) -> Result<f64> {
        self.input.write_all(b"\n")?;
        let line = self.line()?;
        let microseconds: f64 = line.parse().with_context(|| format!("{line:?} is no time"))?;
        Ok(microseconds * 1000.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has answered what it is asked for; one that has ended already cannot be ended again.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How a server did under load, at best.
struct Sample {
    /// Requests answered in a second.
    rate: f64,
    /// Its processor time for each of them, in nanoseconds.
    cost: f64,
}

/// Loads every server; what it answers, and what that costs it.
///
/// # Errors
/// When a server or the program that loads it fails.
pub(super) fn measure(programs: &Programs, by: &Wrk, quick: bool) -> Result<[Table; 2]> {
    let rounds = if quick { 1 } else { ROUNDS };
    let modules = || ["none"].into_iter().chain(MODULES);
    let mut servers = modules().map(|module| Server::start(programs, module)).collect::<Result<Vec<_>>>()?;
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    for (bytes, connections) in LOADS {
        for server in &servers {
            process::run(programs.command("check.js").args([&server.port, &bytes.to_string()]))?;
        }
        let mut samples: Vec<Vec<Sample>> = servers.iter().map(|_| Vec::new()).collect();
        for round in 0..=rounds {
            for turn in 0..servers.len() {
                let place = (round + turn) % servers.len();
                let sample = load(by, &mut servers[place], bytes, connections)?;
                // The first round warms up.
                if round > 0 {
                    samples[place].push(sample);
                }
            }
        }
        rates.push(rate_row(bytes, connections, &figures(&samples, |sample| sample.rate)));
        costs.push(cost_row(bytes, connections, &figures(&samples, |sample| sample.cost)));
    }
    let columns = || ["none"].into_iter().chain(NAMES).map(str::to_owned).collect();
    Ok([
        Table { first: "requests a second".to_owned(), columns: columns(), rows: rates },
        Table {
            first: "the server's processor time for a request".to_owned(),
            columns: columns(),
            rows: costs,
        },
    ])
}

/// Loads a server.
fn load(by: &Wrk, server: &mut Server, bytes: u32, connections: u32) -> Result<Sample> {
    let mut best = Sample { rate: 0.0, cost: f64::INFINITY };
    for _ in 0..BATCHES {
        let before = server.processor_time()?;
        let url = format!("http://127.0.0.1:{}/", server.port);
        let loaded = wrk::post(by, &url, bytes, connections, SECONDS)?;
        let time = server.processor_time()? - before;
        best.rate = best.rate.max(loaded.rate()?);
        best.cost = best.cost.min(time / loaded.requests as f64);
    }
    Ok(best)
}

/// One of the figures of each sample.
fn figures(samples: &[Vec<Sample>], figure: impl Fn(&Sample) -> f64) -> Vec<Vec<f64>> {
    samples.iter().map(|samples| samples.iter().map(&figure).collect()).collect()
}

fn name(bytes: u32, connections: u32) -> String {
    let size = if bytes < 1024 { format!("{bytes} B") } else { format!("{} KiB", bytes >> 10) };
    format!("{size}, {connections} connection{}", if connections == 1 { "" } else { "s" })
}

/// The median of quotients, round by round.
fn quotient(dividends: &[f64], divisors: &[f64]) -> f64 {
    median(dividends.iter().zip(divisors).map(|(dividend, divisor)| dividend / divisor).collect())
}

fn rate_row(bytes: u32, connections: u32, rates: &[Vec<f64>]) -> Row {
    let name = name(bytes, connections);
    let [bare, public @ .., ours] = rates else { unreachable!("there are servers") };
    let goal = GOALS.iter().find(|goal| goal.row == name).map(|goal| goal.times);
    let kept = quotient(ours, bare);
    // What nobody does is nothing: no plug-in could be so many times faster than theirs.
    let most: Vec<String> = public.iter().map(|public| format!("{:.1}x", quotient(bare, public))).collect();
    let kept = match (bytes < 1024, kept >= KEPT) {
        (true, true) => format!("{:.0} % of none, met", kept * 100.0),
        (true, false) => format!("{:.0} % of none, missed", kept * 100.0),
        (false, _) => {
            let most = most.join(" and ");
            format!("{:.0} % of none, which does {most} what theirs do", kept * 100.0)
        }
    };
    Row {
        name: format!("{name} ({kept})"),
        figures: rates.iter().map(|rates| format!("{:.0}", median(rates.clone()))).collect(),
        ratios: public.iter().map(|public| quotient(ours, public)).collect(),
        goal,
    }
}

fn cost_row(bytes: u32, connections: u32, costs: &[Vec<f64>]) -> Row {
    let [bare, public @ .., ours] = costs else { unreachable!("there are servers") };
    let more = median(ours.iter().zip(bare).map(|(ours, bare)| ours - bare).collect());
    let most: Vec<String> = public.iter().map(|public| format!("{:.1}x", quotient(public, bare))).collect();
    Row {
        name: format!(
            "{} ({} more than none, which takes {} less than theirs)",
            name(bytes, connections),
            time(more.max(0.0)),
            most.join(" and ")
        ),
        figures: costs.iter().map(|costs| time(median(costs.clone()))).collect(),
        ratios: public.iter().map(|public| quotient(public, ours)).collect(),
        goal: None,
    }
}
