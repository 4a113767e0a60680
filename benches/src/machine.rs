//! Where and with what was measured.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::guest::repository;

/// The machine, the versions and the day.
#[derive(Serialize)]
pub(crate) struct Circumstances {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
    /// How many processes wanted to run in the minute before, ours not counted.
    pub(crate) load: String,
    pub(crate) rustc: String,
    pub(crate) wasmtime: String,
    pub(crate) extism: String,
    pub(crate) extism_wasmtime: String,
    pub(crate) plugwright: String,
    pub(crate) date: String,
}

impl Circumstances {
    /// What there is to know now.
    pub(crate) fn now() -> Result<Self> {
        let engines = versions("wasmtime");
        let engine = |index: usize| engines.get(index).cloned().unwrap_or_else(unknown);
        Ok(Self {
            cpu: cpu(),
            cores: thread::available_parallelism().map_or(1, usize::from),
            kernel: said("uname", &["-sr"]),
            load: fs::read_to_string("/proc/loadavg")
                .ok()
                .and_then(|text| text.split(' ').next().map(str::to_owned))
                .unwrap_or_else(unknown),
            rustc: said("rustc", &["--version"]),
            // Ours is the older line, an LTS; the lock file sorts by version.
            wasmtime: engine(0),
            extism: versions("extism").first().cloned().unwrap_or_else(unknown),
            extism_wasmtime: engine(1),
            plugwright: commit(),
            date: date()?,
        })
    }
}

/// The versions of a package that this program was built with.
fn versions(package: &str) -> Vec<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = include_str!("../Cargo.lock").lines();
    let mut versions = Vec::new();
    while lines.any(|line| line == name) {
        let version = lines.next().and_then(|line| line.strip_prefix("version = "));
        versions.extend(version.map(|version| version.trim_matches('"').to_owned()));
    }
    versions
}

fn cpu() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(':')).map_or_else(unknown, |(_, model)| model.trim().to_owned())
}

/// The commit that is checked out, and whether files differ from it.
fn commit() -> String {
    let folder = repository();
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(&folder).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let version = git(&["describe", "--always", "--dirty"]);
    version.unwrap_or_else(unknown)
}

/// What a program writes in one line.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| unknown(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// Today in UTC: year, month and day.
fn date() -> Result<String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let (mut days, mut year) = (since.as_secs() / 86_400, 1970);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    Ok(format!("{year}-{month:02}-{:02}", days + 1))
}
