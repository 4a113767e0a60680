//! Workers on NATS: how much more two, three and four of them do than one.
//!
//! The development build is measured: the time goes into the guest, whose code is the same in both.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::bench::batches::median;
use crate::examples::programs::{Program, free_port, shell};
use crate::{brokers, built, process, repository};

/// What workers serve: it counts primes.
const PLUGIN: &str = "examples/nats-worker-farm/primes.wat";

/// Numbers for the guest that keep it busy for some milliseconds, and for so long that messages are little beside it: workers share the
/// machine's processors with NATS and with who calls.
const INPUTS: [&str; 2] = ["100000", "350000"];

/// A number that keeps it busy for a second or more.
const LONG: &str = "5000000";

/// Calls at a time for each worker. NATS chooses workers at random: with few calls some wait while a worker has none.
const AT_A_TIME: usize = 32;

/// How many workers are tried, one after the other.
const WORKERS: [usize; 4] = [1, 2, 3, 4];

/// How often all of it is measured, unless this is a quick run: what others do on the machine changes from minute to minute.
const ROUNDS: usize = 5;

/// How many times as much two workers are to do as one, on processors that do nothing else.
const GOAL: f64 = 1.8;

/// What a number of workers did.
#[derive(Clone, Copy)]
struct Sample {
    calls_per_second: f64,
    median_ms: f64,
    p99_ms: f64,
}

/// Samples by number of workers, and by input.
type Round = [[Sample; INPUTS.len()]; WORKERS.len()];

/// Measures, and prints two tables.
///
/// # Errors
/// When a program cannot be started, or a call fails.
pub(crate) fn run(quick: bool) -> Result<()> {
    brokers::set_up()?;
    built::build()?;
    let data = tempfile::tempdir()?;
    let port = free_port()?;
    let command = format!("nats-server --port {port} --jetstream --store_dir '{}'", data.path().display());
    let _server = Program::start(root_shell()?, &command)?;
    let url = format!("nats://127.0.0.1:{port}");
    let (rounds, seconds) = if quick { (1, 2.0) } else { (ROUNDS, 4.0) };
    let (mut samples, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        samples.push(round(&url, seconds)?);
        alone.push(without_nats()?);
    }
    for (index, input) in INPUTS.iter().enumerate() {
        println!(
            "primes below {input}:\n| workers | calls/s | to one worker | median | 99 % |\n| --- | --- | --- | --- | --- |"
        );
        for (place, workers) in WORKERS.iter().enumerate() {
            let of = |figure: fn(Sample) -> f64| {
                median(samples.iter().map(|round| figure(round[place][index])).collect())
            };
            let times = samples
                .iter()
                .map(|round| round[place][index].calls_per_second / round[0][index].calls_per_second);
            println!(
                "| {workers} | {:.1} | {:.2} x{} | {:.1} ms | {:.1} ms |",
                of(|sample| sample.calls_per_second),
                median(times.clone().collect()),
                if *workers == 2 { judged(median(times.collect())) } else { "" },
                of(|sample| sample.median_ms),
                of(|sample| sample.p99_ms)
            );
        }
    }
    println!(
        "Two processes that compute the same without NATS do {:.2} times as much as one.",
        median(alone)
    );
    Ok(())
}

fn judged(times: f64) -> &'static str {
    if times >= GOAL { " (goal 1.8 x, met)" } else { " (goal 1.8 x, missed)" }
}

/// Starts workers one after the other, and measures how much they do together.
fn round(url: &str, seconds: f64) -> Result<Round> {
    let mut workers = Vec::new();
    let mut round = Vec::new();
    for count in WORKERS {
        while workers.len() < count {
            // Each is as good as a machine of one processor.
            let command = format!("plugwright worker --nats {url} --concurrency 1 {PLUGIN}");
            workers.push(Program::start(root_shell()?, &command)?);
        }
        let [short, long] = INPUTS.map(|input| measure(url, input, count, seconds));
        round.push([short?, long?]);
    }
    <Round>::try_from(round).ok().context("there is a sample for each number of workers")
}

fn root_shell() -> Result<Command> {
    shell(&repository::root())
}

fn measure(url: &str, input: &str, workers: usize, seconds: f64) -> Result<Sample> {
    let mut load = repository::command(built::folder().join("examples").join("load"));
    load.args([url, "primes", "count", input, &(AT_A_TIME * workers).to_string(), &seconds.to_string()]);
    let said = process::output(&mut load)?;
    let numbers = said.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>();
    let numbers = numbers.with_context(|| format!("the load says {said:?}"))?;
    ensure!(numbers.len() == 3, "the load says {said:?}");
    Ok(Sample { calls_per_second: numbers[0], median_ms: numbers[1], p99_ms: numbers[2] })
}

/// How many times as much as one process two of them compute: what this machine has to give.
fn without_nats() -> Result<f64> {
    let time = |count: usize| -> Result<f64> {
        let begun = Instant::now();
        let start = |_| {
            let mut call = repository::command(built::folder().join("plugwright"));
            call.args(["call", PLUGIN, "count", "--input", LONG]).stdout(Stdio::null());
            call.spawn().context("cannot start plugwright")
        };
        for mut call in (0..count).map(start).collect::<Result<Vec<_>>>()? {
            ensure!(call.wait()?.success(), "`plugwright call {PLUGIN}` failed");
        }
        Ok(begun.elapsed().as_secs_f64())
    };
    Ok(2.0 * time(1)? / time(2)?)
}
