//! Workers on NATS: how much more two, three and four of them do than one.
//!
//! The development build is measured: the time goes into the guest, whose code is the same in both.

use anyhow::{Context, Result, ensure};

use crate::examples::{Program, farm, free_port};
use crate::{brokers, built, process, repository};

/// A number for the guest that keeps it busy for some milliseconds.
const INPUT: &str = "100000";

/// Calls at a time for each worker. NATS chooses workers at random: with few calls some wait while a worker has none.
const AT_A_TIME: usize = 8;

/// How many workers are tried, one after the other.
const WORKERS: [usize; 4] = [1, 2, 3, 4];

/// A line of the result.
struct Row {
    workers: usize,
    calls_per_second: f64,
    median_ms: f64,
    p99_ms: f64,
}

/// Measures, and prints a table.
///
/// # Errors
/// When a program cannot be started, or a call fails.
pub(crate) fn run(quick: bool) -> Result<()> {
    brokers::set_up()?;
    built::build()?;
    let data = tempfile::tempdir()?;
    let port = free_port()?;
    let _server = Program::start(
        farm::shell()?,
        &format!("nats-server --port {port} --jetstream --store_dir '{}'", data.path().display()),
    )?;
    let url = format!("nats://127.0.0.1:{port}");
    let mut workers = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    for count in WORKERS {
        while workers.len() < count {
            // Each is as good as a machine of one processor.
            let plugin = "examples/nats-worker-farm/primes.wat";
            workers.push(Program::start(
                farm::shell()?,
                &format!("plugwright worker --nats {url} --concurrency 1 {plugin}"),
            )?);
        }
        rows.push(measure(&url, count, if quick { 2.0 } else { 10.0 })?);
    }
    println!("| workers | calls/s | to one worker | median | 99 % |\n| --- | --- | --- | --- | --- |");
    let one = rows.first().map_or(f64::NAN, |row| row.calls_per_second);
    for Row { workers, calls_per_second, median_ms, p99_ms } in &rows {
        let times = calls_per_second / one;
        println!("| {workers} | {calls_per_second:.0} | {times:.2} x | {median_ms:.1} ms | {p99_ms:.1} ms |");
    }
    Ok(())
}

fn measure(url: &str, workers: usize, seconds: f64) -> Result<Row> {
    let mut load = repository::command(built::folder().join("examples").join("load"));
    load.args([url, "primes", "count", INPUT, &(AT_A_TIME * workers).to_string(), &seconds.to_string()]);
    let said = process::output(&mut load)?;
    let numbers = said.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>();
    let numbers = numbers.with_context(|| format!("the load says {said:?}"))?;
    ensure!(numbers.len() == 3, "the load says {said:?}");
    Ok(Row { workers, calls_per_second: numbers[0], median_ms: numbers[1], p99_ms: numbers[2] })
}
