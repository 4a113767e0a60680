//! Workers on NATS: how much more two, three and four of them do than one.
//!
//! The development build is measured: the time goes into the guest, whose code is the same in both.

use anyhow::{Context, Result, ensure};

use crate::examples::programs::{Program, free_port, shell};
use crate::{brokers, built, process, repository};

/// Numbers for the guest that keep it busy for some milliseconds, and for so long that messages are little beside it: workers share the
/// machine's processors with NATS and with who calls.
const INPUTS: [&str; 2] = ["100000", "350000"];

/// Calls at a time for each worker. NATS chooses workers at random: with few calls some wait while a worker has none.
const AT_A_TIME: usize = 16;

/// How many workers are tried, one after the other.
const WORKERS: [usize; 4] = [1, 2, 3, 4];

/// A line of the result.
struct Row {
    calls_per_second: f64,
    median_ms: f64,
    p99_ms: f64,
}

/// Measures, and prints two tables.
///
/// # Errors
/// When a program cannot be started, or a call fails.
pub(crate) fn run(quick: bool) -> Result<()> {
    brokers::set_up()?;
    built::build()?;
    let data = tempfile::tempdir()?;
    let port = free_port()?;
    let shell = || shell(&repository::root());
    let command = format!("nats-server --port {port} --jetstream --store_dir '{}'", data.path().display());
    let _server = Program::start(shell()?, &command)?;
    let url = format!("nats://127.0.0.1:{port}");
    let mut workers = Vec::new();
    let mut rows: Vec<(usize, [Row; 2])> = Vec::new();
    for count in WORKERS {
        while workers.len() < count {
            // Each is as good as a machine of one processor.
            let plugin = "examples/nats-worker-farm/primes.wat";
            let command = format!("plugwright worker --nats {url} --concurrency 1 {plugin}");
            workers.push(Program::start(shell()?, &command)?);
        }
        let seconds = if quick { 2.0 } else { 5.0 };
        let [short, long] = INPUTS.map(|input| measure(&url, input, count, seconds));
        rows.push((count, [short?, long?]));
    }
    for (index, input) in INPUTS.iter().enumerate() {
        println!(
            "primes below {input}:\n| workers | calls/s | to one worker | median | 99 % |\n| --- | --- | --- | --- | --- |"
        );
        let one = rows.first().map_or(f64::NAN, |(_, rows)| rows[index].calls_per_second);
        for (workers, rows) in &rows {
            let Row { calls_per_second, median_ms, p99_ms } = rows[index];
            let times = calls_per_second / one;
            println!(
                "| {workers} | {calls_per_second:.1} | {times:.2} x | {median_ms:.1} ms | {p99_ms:.1} ms |"
            );
        }
    }
    Ok(())
}

fn measure(url: &str, input: &str, workers: usize, seconds: f64) -> Result<Row> {
    let mut load = repository::command(built::folder().join("examples").join("load"));
    load.args([url, "primes", "count", input, &(AT_A_TIME * workers).to_string(), &seconds.to_string()]);
    let said = process::output(&mut load)?;
    let numbers = said.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>();
    let numbers = numbers.with_context(|| format!("the load says {said:?}"))?;
    ensure!(numbers.len() == 3, "the load says {said:?}");
    Ok(Row { calls_per_second: numbers[0], median_ms: numbers[1], p99_ms: numbers[2] })
}
