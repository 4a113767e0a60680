//! Measures key-value stores: operations a second through a plug-in, and by the client library directly. `cargo xtask bench --capabilities`
//! runs it. Its argument is the plug-in, `rust_pdk_store.wasm`; a further one is the beginning of what is to be measured, such as
//! `"redb, get"`.

use std::error::Error;
use std::time::Instant;

use plugwright::Plugin;
use plugwright_capabilities::{Grant, Kv, Limits, Secret};
use plugwright_test_servers::Redis;
use redb::{Database, ReadableDatabase, TableDefinition};
use tempfile::TempDir;

/// How often each is measured; the best counts. Many short rounds: what else the machine does falls on both alike.
const ROUNDS: usize = 100;

const TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("table");

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let plugin = arguments.next().ok_or("say which plug-in: measure_kv PLUGIN [OPERATION]")?;
    let table = Table { only: arguments.next().unwrap_or_default() };
    println!("| operation | directly | through a plug-in | difference | ratio | goal |");
    println!("| --- | ---: | ---: | ---: | ---: | --- |");
    measure_redb(&table, &plugin, &tempfile::tempdir()?, ", on the disk", None)?;
    // Where no time of a disk hides the others.
    measure_redb(&table, &plugin, &tempfile::tempdir_in("/dev/shm")?, ", in memory", Some(Goal::More(2.0)))?;

    let server = Redis::start()?;
    let mut connection = redis::Client::open(server.url())?.get_connection()?;
    let mut ours = store(&plugin, Kv::redis(&Secret::new(server.url()))?)?;
    let mut set = redis::cmd("SET");
    set.arg("direct").arg("value");
    let mut get = redis::cmd("GET");
    get.arg("direct");
    let mut ask = |command: &redis::Cmd, count: u64| {
        for _ in 0..count {
            command.query::<redis::Value>(&mut connection)?;
        }
        Ok(())
    };
    ask(&set, 1)?;
    called(&mut ours, "flood", 1)?;
    for (name, command, function) in [("Redis, set", &set, "flood"), ("Redis, get", &get, "read")] {
        table.row(
            name,
            Some(Goal::Times(1.3)),
            200,
            |count| ask(command, count),
            |count| called(&mut ours, function, count),
        )?;
    }
    Ok(())
}

fn measure_redb(
    table: &Table,
    plugin: &str,
    folder: &TempDir,
    place: &str,
    goal: Option<Goal>,
) -> Result<(), Box<dyn Error>> {
    let file = Database::create(folder.path().join("direct.redb"))?;
    let mut ours = store(plugin, Kv::open(folder.path().join("ours.redb"))?)?;
    // What is got must be there, and what is set replaces it.
    set_redb(&file, 1)?;
    called(&mut ours, "flood", 1)?;
    table.row(
        &format!("redb, set{place}"),
        goal,
        if goal.is_some() { 250 } else { 40 },
        |count| set_redb(&file, count),
        |count| called(&mut ours, "flood", count),
    )?;
    table.row(
        &format!("redb, get{place}"),
        Some(Goal::More(2.0)),
        10_000,
        |count| get_redb(&file, count),
        |count| called(&mut ours, "read", count),
    )
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

/// What an operation through a plug-in may take.
#[derive(Clone, Copy)]
enum Goal {
    /// So many microseconds more.
    More(f64),
    /// So many times as much.
    Times(f64),
}

impl Goal {
    fn judge(self, more: f64, ratio: f64) -> String {
        let (goal, met) = match self {
            Self::More(most) => (format!("≤ {most} µs more"), more <= most),
            Self::Times(most) => (format!("≤ {most}x"), ratio <= most),
        };
        format!("{goal}, {}", if met { "met" } else { "missed" })
    }
}

/// The table that is printed.
struct Table {
    /// The beginning of the names of what is measured.
    only: String,
}

impl Table {
    /// Measures an operation in both ways by turns, and prints the best times.
    fn row(
        &self,
        name: &str,
        goal: Option<Goal>,
        count: u64,
        mut direct: impl FnMut(u64) -> Result<(), Box<dyn Error>>,
        mut through: impl FnMut(u64) -> Result<(), Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        if !name.starts_with(&self.only) {
            return Ok(());
        }
        let mut best = [f64::INFINITY; 2];
        for _ in 0..ROUNDS {
            best[0] = best[0].min(micros(count, &mut direct)?);
            best[1] = best[1].min(micros(count, &mut through)?);
        }
        let [direct, through] = best;
        let (more, ratio) = (through - direct, through / direct);
        let judged = goal.map_or_else(String::new, |goal| goal.judge(more, ratio));
        println!("| {name} | {direct:.2} µs | {through:.2} µs | {more:.2} µs | {ratio:.2}x | {judged} |");
        Ok(())
    }
}

/// The microseconds of one operation.
fn micros(
    count: u64,
    mut operations: impl FnMut(u64) -> Result<(), Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    let began = Instant::now();
    operations(count)?;
    Ok(began.elapsed().as_secs_f64() * 1e6 / count as f64)
}
