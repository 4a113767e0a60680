//! The regression check that is not timed: how many instructions the operations that must stay fast take.
//!
//! Instructions, unlike time, are the same on a busy machine. What they leave out: what the system does in a system
//! call, and waiting for memory.

mod callgrind;
mod record;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cache::Cache;
use crate::toolchain::Valgrind;
use crate::{process, repository};
use callgrind::Callgrind;
use record::{Change, Circumstances, Count, Record};

const PACKAGE: &str = "instruction-counts";

/// Counts, prints the counts beside those recorded, and compares.
///
/// # Errors
/// When an operation takes over 10 % more instructions than recorded, or the record and the operations do not
/// match; when something cannot be built, installed or run.
pub(crate) fn check() -> Result<()> {
    let Some((record, callgrind)) = count()? else { return Ok(()) };
    let recorded = Record::read(&file())?;
    let changes = recorded.compare(&record.instructions);
    println!("{}", record::table(&changes));
    if changes.iter().any(Change::is_gain) {
        println!(
            "Some operations take far fewer instructions than recorded: keep what was won by `cargo xtask counts --record`."
        );
    }
    let failures: Vec<&Change> = changes.iter().filter(|change| change.is_failure()).collect();
    if failures.is_empty() {
        return Ok(());
    }
    let mut message = String::from("instruction counts do not fit the record");
    for failure in failures {
        message += &format!("\n  {failure}");
        if failure.now.is_some() {
            message += &format!("\n    look into it: {}", callgrind.how_to_look_into(&failure.name));
        }
    }
    for difference in recorded.circumstances.differences(&record.circumstances) {
        message += &format!("\n  the record was made with another {difference}");
    }
    message += "\n  if it is meant to be so: `cargo xtask counts --record`, and commit ";
    message += &file().strip_prefix(repository::root()).unwrap_or(&file()).display().to_string();
    bail!(message)
}

/// Counts, and records the counts.
///
/// # Errors
/// When something cannot be built, installed or run, or the record cannot be written.
pub(crate) fn record() -> Result<()> {
    let Some((record, _)) = count()? else { return Ok(()) };
    let changes = match Record::read(&file()) {
        Ok(former) => former.compare(&record.instructions),
        Err(_) => Record::default().compare(&record.instructions),
    };
    println!("{}", record::table(&changes));
    record.write(&file())
}

/// The command that builds the program; none where the tool does not exist.
pub(crate) fn build() -> Option<Command> {
    cfg!(all(target_os = "linux", target_arch = "x86_64")).then(|| {
        let mut cargo = repository::cargo();
        cargo.args(["build", "--release", "--package", PACKAGE]);
        cargo
    })
}

/// Builds the program and counts every operation's instructions; nothing where the tool does not exist.
fn count() -> Result<Option<(Record, Callgrind)>> {
    let Some(mut build) = build() else {
        println!("instructions are counted on x86-64 Linux only, for which they are recorded: skipped");
        return Ok(None);
    };
    let valgrind = Valgrind::set_up(&Cache::open()?)?;
    process::run(&mut build)?;
    let program = repository::target().join("release").join(PACKAGE);
    let list = process::output(Command::new(&program).arg("list"))?;

    let folder = repository::target().join("counts");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let callgrind = Callgrind { valgrind, program, folder };
    let mut instructions = Vec::new();
    for line in list.lines() {
        let (name, times) = line.split_once(' ').with_context(|| format!("not an operation: {line:?}"))?;
        let times: u32 = times.parse().with_context(|| format!("not a number of times: {line:?}"))?;
        let total = callgrind.count(name, times).with_context(|| format!("cannot count {name}"))?;
        instructions.push(Count { operation: name.to_owned(), instructions: per_operation(total, times) });
    }
    let record = Record { circumstances: circumstances(&callgrind)?, instructions };
    Ok(Some((record, callgrind)))
}

/// To a tenth of an instruction: the rest is what entering the loop costs.
fn per_operation(total: u64, times: u32) -> f64 {
    (total as f64 * 10.0 / f64::from(times)).round() / 10.0
}

fn circumstances(callgrind: &Callgrind) -> Result<Circumstances> {
    let guest = repository::guests().join("build/rust_count_vowels.wasm");
    let guest = fs::metadata(&guest).with_context(|| format!("cannot read {}", guest.display()))?;
    let os = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = os.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    Ok(Circumstances {
        rustc: process::output(Command::new("rustc").arg("--version"))?,
        valgrind: callgrind.valgrind.version().to_owned(),
        system: system.unwrap_or("unknown").trim_matches('"').to_owned(),
        processor: callgrind.processor()?,
        rust_guest: format!("{} bytes", guest.len()),
    })
}

fn file() -> PathBuf {
    repository::root().join(Path::new("crates").join(PACKAGE).join("recorded.toml"))
}
