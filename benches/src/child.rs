//! Measurements that need a process of their own, since they are of the process: this program starts itself again.
//! The child writes lines of a name and a value; the last one of a name counts, so that a child that dies has said how far it got.

mod memory;

use std::collections::BTreeMap;
use std::env;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::bare;
use crate::guest::{COUNT_VOWELS, Guest};
use crate::host::Host;
use crate::ours::Ours;
use crate::peer::Peer;
use crate::rows;

/// What a child measures.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Job {
    /// `rss` and `pss`: bytes for each of 1000 live instances.
    InstanceMemory,
    /// `live`: how many instances live at once; `stop`: why not more.
    LiveInstances,
    /// `nanoseconds` of an empty call after one that allocated 1 GiB; `resident`: bytes more than before.
    Allocate,
    /// The same after one that also wrote to each page.
    Fill,
}

/// Of whom.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Who {
    Bare,
    Peer,
    Ours,
    /// Ours, with memory that is compact.
    OursCompact,
}

/// The most instances that [`Job::LiveInstances`] makes.
pub(crate) const MOST_INSTANCES: u32 = 100_000;

/// What a child said.
pub(crate) struct Answer {
    values: BTreeMap<String, String>,
    /// How it ended.
    pub(crate) status: ExitStatus,
}

impl Answer {
    /// The last value of this name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The last value of this name, which is a number.
    pub(crate) fn number(&self, name: &str) -> Result<f64> {
        let text = self.text(name).with_context(|| format!("a child process did not say `{name}`"))?;
        text.parse().with_context(|| format!("a child process said that `{name}` is {text:?}"))
    }
}

/// Runs a child to its end, however that comes.
pub(crate) fn ask(job: Job, who: Who) -> Result<Answer> {
    let name = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
        value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    };
    let mut command = Command::new(env::current_exe()?);
    command.args(["child", &name(&|| job.to_possible_value()), &name(&|| who.to_possible_value())]);
    let output = command.stderr(Stdio::inherit()).output().context("cannot start a child process")?;
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let values = lines.lines().filter_map(|line| line.split_once(' '));
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok(Answer { values, status: output.status })
}

/// Runs a child that must succeed.
pub(crate) fn ask_surely(job: Job, who: Who) -> Result<Answer> {
    let answer = ask(job, who)?;
    ensure!(answer.status.success(), "a child process failed: {}", answer.status);
    Ok(answer)
}

/// The child's side.
pub(crate) fn run(job: Job, who: Who) -> Result<()> {
    match who {
        Who::Bare => run_bare(job),
        Who::Peer => run_host::<Peer>(job, false),
        Who::Ours => run_host::<Ours>(job, false),
        Who::OursCompact => run_host::<Ours>(job, true),
    }
}

fn run_host<H: Host>(job: Job, compact: bool) -> Result<()> {
    let guest = |guest| Guest { compact, ..guest };
    match job {
        Job::InstanceMemory => {
            let compiled = H::compile(&guest(Guest::large()?))?;
            instance_memory(|| {
                let (function, input, _) = COUNT_VOWELS;
                let mut plugin = H::plugin(&compiled, function)?;
                rows::check_count(H::call(&mut plugin, input)?)?;
                Ok(plugin)
            })
        }
        Job::LiveInstances => {
            let compiled = H::compile(&guest(Guest::shared("hazard_17_small")?))?;
            live_instances(|| {
                let mut plugin = H::plugin(&compiled, "run")?;
                H::call(&mut plugin, b"")?;
                Ok(plugin)
            })
        }
        Job::Allocate => gigabyte::<H>(&guest(Guest::own("gigabyte")?), "allocate"),
        Job::Fill => gigabyte::<H>(&guest(Guest::own("gigabyte")?), "fill"),
    }
}

fn run_bare(job: Job) -> Result<()> {
    match job {
        Job::InstanceMemory => {
            let compiled = bare::Plugin::compile(bare::engine(), &Guest::large()?)?;
            instance_memory(|| {
                let (function, input, _) = COUNT_VOWELS;
                let mut plugin = bare::Plugin::new(&compiled, function)?;
                rows::check_count(plugin.call(input)?)?;
                Ok(plugin)
            })
        }
        Job::LiveInstances => {
            let compiled = bare::Plugin::compile(bare::engine(), &Guest::shared("hazard_17_small")?)?;
            live_instances(|| {
                let mut plugin = bare::Plugin::new(&compiled, "run")?;
                plugin.call(b"")?;
                Ok(plugin)
            })
        }
        Job::Allocate | Job::Fill => anyhow::bail!("the engine has no kernel memory"),
    }
}

fn instance_memory<T>(make: impl Fn() -> Result<T>) -> Result<()> {
    const INSTANCES: usize = 1000;
    // What the first one sets up for all is not counted.
    let first = make()?;
    let before = memory::of_this_process()?;
    let instances: Vec<T> = (0..INSTANCES).map(|_| make()).collect::<Result<_>>()?;
    let after = memory::of_this_process()?;
    println!("rss {}", after.rss.saturating_sub(before.rss) as f64 / INSTANCES as f64);
    println!("pss {}", after.pss.saturating_sub(before.pss) as f64 / INSTANCES as f64);
    drop((first, instances));
    Ok(())
}

fn live_instances<T>(make: impl Fn() -> Result<T>) -> Result<()> {
    const LEAST_FREE: u64 = 1 << 30;
    let mut instances = Vec::new();
    let stop = loop {
        match make() {
            Ok(instance) => instances.push(instance),
            Err(error) => break format!("{error:#}"),
        }
        let live = instances.len();
        if live % 1000 == 0 {
            println!("live {live}");
            if live >= MOST_INSTANCES as usize {
                break "enough".to_owned();
            }
            if memory::available()? < LEAST_FREE {
                break "this machine's memory ran low".to_owned();
            }
        }
    };
    println!("live {}", instances.len());
    println!("stop {}", stop.replace('\n', " "));
    // Dropping them all takes long and tells nothing.
    std::process::exit(0);
}

/// How long after a call memory counts as kept.
const SETTLE: Duration = Duration::from_millis(500);

fn gigabyte<H: Host>(guest: &Guest, function: &'static str) -> Result<()> {
    let mut plugin = H::plugin(&H::compile(guest)?, "nothing")?;
    H::call(&mut plugin, b"")?;
    let before = memory::of_this_process()?;
    H::select(&mut plugin, function);
    H::call(&mut plugin, b"")?;
    H::select(&mut plugin, "nothing");
    let start = Instant::now();
    H::call(&mut plugin, b"")?;
    println!("nanoseconds {}", start.elapsed().as_nanos());
    // Memory may be given back by a thread, after the call.
    thread::sleep(SETTLE);
    println!("resident {}", memory::of_this_process()?.rss.saturating_sub(before.rss));
    Ok(())
}
