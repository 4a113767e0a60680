//! Measures key-value stores: operations a second through a plug-in, and by the client library directly. `cargo xtask bench --capabilities`
//! runs it. Its argument is the plug-in, `rust_pdk_store.wasm`.

use std::error::Error;
use std::time::{Duration, Instant};

use plugwright::Plugin;
use plugwright_capabilities::{Grant, Kv, Limits, Secret};
use plugwright_test_servers::Redis;
use redb::{Database, ReadableDatabase, TableDefinition};

/// How often each is measured; the best counts.
const ROUNDS: usize = 5;

const TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("table");

fn main() -> Result<(), Box<dyn Error>> {
    let plugin = std::env::args().nth(1).ok_or("say which plug-in: measure_kv PLUGIN")?;
    println!("| operation | directly | through a plug-in | difference | ratio | goal |");
    println!("| --- | ---: | ---: | ---: | ---: | --- |");
    let folder = tempfile::tempdir()?;
    let file = Database::create(folder.path().join("direct.redb"))?;
    let mut ours = store(&plugin, Kv::open(folder.path().join("ours.redb"))?)?;
    let [direct_set, our_set] = best(
        || timed(200, |count| set_redb(&file, count)),
        || timed(200, |count| called(&mut ours, "flood", count)),
    )?;
    row("redb, set (on the disk)", direct_set, our_set, "≤ 2 µs more");
    let [direct_get, our_get] = best(
        || timed(100_000, |count| get_redb(&file, count)),
        || timed(100_000, |count| called(&mut ours, "read", count)),
    )?;
    row("redb, get", direct_get, our_get, "≤ 2 µs more");

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let server = Redis::start()?;
    let client = redis::Client::open(server.url())?;
    let connection = runtime.block_on(client.get_multiplexed_async_connection())?;
    let mut ours = store(&plugin, Kv::redis(&Secret::new(server.url()))?)?;
    let mut set = redis::cmd("SET");
    set.arg("direct").arg("value");
    let mut get = redis::cmd("GET");
    get.arg("direct");
    let ask = |command: &redis::Cmd, count: u64| {
        let mut connection = connection.clone();
        runtime.block_on(async move {
            for _ in 0..count {
                command.query_async::<redis::Value>(&mut connection).await?;
            }
            Ok(())
        })
    };
    for (name, command, function) in [("Redis, set", &set, "flood"), ("Redis, get", &get, "read")] {
        let [direct, through] = best(
            || timed(5000, |count| ask(command, count)),
            || timed(5000, |count| called(&mut ours, function, count)),
        )?;
        row(name, direct, through, "≤ 1.3x");
    }
    Ok(())
}

fn store(plugin: &str, kv: Kv) -> Result<Plugin, Box<dyn Error>> {
    let limits = Limits { operations_per_second: u64::MAX, bytes_per_second: u64::MAX, ..Limits::default() };
    let kv = kv.granted(Grant::default().within(limits));
    Ok(Plugin::builder(std::path::Path::new(plugin)).with(kv).build()?)
}

fn called(plugin: &mut Plugin, function: &str, count: u64) -> Result<(), Box<dyn Error>> {
    match plugin.call::<u64, u64>(function, count)? {
        done if done == count => Ok(()),
        done => Err(format!("{done} of {count} were done").into()),
    }
}

fn set_redb(file: &Database, count: u64) -> Result<(), Box<dyn Error>> {
    for _ in 0..count {
        let transaction = file.begin_write()?;
        transaction.open_table(TABLE)?.insert("key", &b"value"[..])?;
        transaction.commit()?;
    }
    Ok(())
}

fn get_redb(file: &Database, count: u64) -> Result<(), Box<dyn Error>> {
    for _ in 0..count {
        let found = file.begin_read()?.open_table(TABLE)?.get("key")?;
        std::hint::black_box(found.map(|value| value.value().to_vec()));
    }
    Ok(())
}

/// The time of one operation.
fn timed<E: Into<Box<dyn Error>>>(
    count: u64,
    operations: impl FnOnce(u64) -> Result<(), E>,
) -> Result<Duration, Box<dyn Error>> {
    let began = Instant::now();
    operations(count).map_err(Into::into)?;
    Ok(began.elapsed() / u32::try_from(count)?)
}

/// The best times of both, measured in turns.
fn best(
    mut direct: impl FnMut() -> Result<Duration, Box<dyn Error>>,
    mut through: impl FnMut() -> Result<Duration, Box<dyn Error>>,
) -> Result<[Duration; 2], Box<dyn Error>> {
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        best[0] = best[0].min(direct()?);
        best[1] = best[1].min(through()?);
    }
    Ok(best)
}

fn row(name: &str, direct: Duration, through: Duration, goal: &str) {
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let (direct, through) = (micros(direct), micros(through));
    println!(
        "| {name} | {direct:.2} µs | {through:.2} µs | {:.2} µs | {:.2}x | {goal} |",
        through - direct,
        through / direct
    );
}
