//! What a process occupies, as Linux tells it.

use std::fs;

use anyhow::{Context, Result};

/// The memory of a process, in bytes.
pub(super) struct Memory {
    /// All resident pages, each as often as it is mapped.
    pub(super) rss: u64,
    /// Resident pages, each by this process's share in it.
    pub(super) pss: u64,
}

/// The memory of this process.
pub(super) fn of_this_process() -> Result<Memory> {
    let file = "/proc/self/smaps_rollup";
    Ok(Memory { rss: field(file, "Rss:")?, pss: field(file, "Pss:")? })
}

/// The bytes that the machine can still give.
pub(super) fn available() -> Result<u64> {
    field("/proc/meminfo", "MemAvailable:")
}

fn field(file: &str, name: &str) -> Result<u64> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}; Linux has it"))?;
    let mut values = text.lines().filter_map(|line| line.strip_prefix(name));
    let kibibytes = values.next().and_then(|rest| rest.split_whitespace().next());
    let kibibytes = kibibytes.with_context(|| format!("{file} does not tell `{name}`"))?;
    Ok(kibibytes.parse::<u64>()? * 1024)
}
