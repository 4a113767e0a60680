//! A web server by Fastify that answers by a plug-in, under load: by each of the modules, and without a plug-in, in turns.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use crate::bench::batches::median;
use crate::bench::node::table::{Row, Table};
use crate::bench::node::{Goal, MODULES, NAMES, Programs, checkout};
use crate::process;

/// Bytes of a body, and connections at once.
const LOADS: [(u32, u32); 4] = [(64, 1), (64, 32), (64 << 10, 1), (64 << 10, 32)];

/// To the public packages.
const GOALS: [Goal; 2] =
    [Goal { row: "64 KiB, 1 connection", times: 10.0 }, Goal { row: "64 KiB, 32 connections", times: 10.0 }];

/// What ours is to keep of the requests that Fastify answers without a plug-in, at 64 bytes.
const KEPT: f64 = 0.75;

/// A server; dropping this ends it.
struct Server {
    child: Child,
    port: String,
}

impl Server {
    /// Starts one that answers by a module, or by itself (`none`).
    fn start(programs: &Programs, module: &str) -> Result<Self> {
        let mut command = programs.command("server.js");
        // Its input stays open until it ends.
        command.args([module, &checkout()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = Self { child: command.spawn().context("cannot start node")?, port: String::new() };
        let output = server.child.stdout.take().context("the server has no output")?;
        BufReader::new(output).read_line(&mut server.port)?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has answered what it is asked for; one that has ended already cannot be ended again.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Loads every server.
///
/// # Errors
/// When a server or the program that loads it fails.
pub(super) fn measure(programs: &Programs, quick: bool) -> Result<Table> {
    let (rounds, seconds) = if quick { (1, "1") } else { (5, "2") };
    let modules = || ["none"].into_iter().chain(MODULES);
    let servers = modules().map(|module| Server::start(programs, module)).collect::<Result<Vec<_>>>()?;
    let mut rows = Vec::new();
    for (bytes, connections) in LOADS {
        let mut samples = vec![Vec::new(); servers.len()];
        for round in 0..=rounds {
            for turn in 0..servers.len() {
                let place = (round + turn) % servers.len();
                let answered = load(programs, &servers[place], bytes, connections, seconds)?;
                // The first round warms up.
                if round > 0 {
                    samples[place].push(answered);
                }
            }
        }
        rows.push(row(bytes, connections, &samples));
    }
    let columns = ["none"].into_iter().chain(NAMES).map(str::to_owned);
    Ok(Table { first: "requests a second".to_owned(), columns: columns.collect(), rows })
}

/// Requests answered in a second.
fn load(programs: &Programs, server: &Server, bytes: u32, connections: u32, seconds: &str) -> Result<f64> {
    let mut command = programs.command("load.js");
    command.args([server.port.trim(), &bytes.to_string(), &connections.to_string(), seconds]);
    let printed = process::output(&mut command)?;
    printed.parse().with_context(|| format!("{printed:?} is no number"))
}

fn row(bytes: u32, connections: u32, samples: &[Vec<f64>]) -> Row {
    let size = if bytes < 1024 { format!("{bytes} B") } else { format!("{} KiB", bytes >> 10) };
    let name = format!("{size}, {connections} connection{}", if connections == 1 { "" } else { "s" });
    let [bare, public @ .., ours] = samples else { unreachable!("there are servers") };
    let better = |than: &[f64]| median(ours.iter().zip(than).map(|(ours, other)| ours / other).collect());
    let ratios: Vec<f64> = public.iter().map(|public| better(public)).collect();
    let goal = GOALS.iter().find(|goal| goal.row == name).map(|goal| goal.times);
    let kept = better(bare);
    let judged = if bytes < 1024 { if kept >= KEPT { ", met" } else { ", missed" } } else { "" };
    let figures = samples.iter().map(|samples| format!("{:.0}", median(samples.clone())));
    Row {
        name: format!("{name} ({:.0} % of none{judged})", kept * 100.0),
        figures: figures.collect(),
        ratios,
        goal,
    }
}
