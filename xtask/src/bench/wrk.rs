//! Requests by wrk, and what it says of them.

use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::repository;
use crate::toolchain::Wrk;

/// What came of requests.
#[derive(Debug, PartialEq)]
pub(super) struct Loaded {
    pub(super) requests: u64,
    micros: u64,
    /// Answers with a status from 400 on, and requests without an answer.
    pub(super) failures: u64,
    /// 99 of 100 requests took no longer, in microseconds.
    pub(super) p99_us: u64,
}

impl Loaded {
    /// Requests a second.
    ///
    /// # Errors
    /// When some failed.
    pub(super) fn rate(&self) -> Result<f64> {
        ensure!(self.failures == 0, "{} of {} requests failed", self.failures, self.requests);
        Ok(self.requests as f64 * 1e6 / self.micros as f64)
    }

    fn parse(printed: &str) -> Option<Self> {
        let line = printed.lines().find_map(|line| line.strip_prefix("RESULT "))?;
        let numbers = line.split(' ').map(str::parse).collect::<Result<Vec<u64>, _>>().ok()?;
        let [requests, micros, failures, _, p99_us] = *numbers else { return None };
        (micros > 0).then_some(Self { requests, micros, failures, p99_us })
    }
}

/// Posts bodies of so many bytes, over so many connections at once, for so many seconds.
///
/// # Errors
/// When wrk fails.
pub(super) fn post(wrk: &Wrk, url: &str, bytes: u32, connections: u32, seconds: u32) -> Result<Loaded> {
    begin(wrk, url, bytes, connections, seconds)?.end()
}

/// A load that runs.
pub(super) struct Running(Child);

/// Begins to post as `post` does.
///
/// # Errors
/// When wrk cannot be started.
pub(super) fn begin(wrk: &Wrk, url: &str, bytes: u32, connections: u32, seconds: u32) -> Result<Running> {
    let mut command: Command = wrk.command();
    command.args(["--threads", "1", "--timeout", "20s"]);
    command.arg(format!("--connections={connections}")).arg(format!("--duration={seconds}s"));
    command.arg("--script").arg(repository::root().join("benches/http/post.lua"));
    command.args([url, "--"]).arg(bytes.to_string()).stdout(Stdio::piped());
    Ok(Running(command.spawn().context("cannot start wrk")?))
}

impl Running {
    /// Waits for the end.
    ///
    /// # Errors
    /// When wrk fails.
    pub(super) fn end(self) -> Result<Loaded> {
        let output = self.0.wait_with_output()?;
        ensure!(output.status.success(), "wrk failed: {}", output.status);
        let printed = String::from_utf8(output.stdout)?;
        Loaded::parse(&printed).with_context(|| format!("wrk printed {printed:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Loaded;

    #[test]
    fn what_the_script_prints_is_understood() {
        let loaded = Loaded::parse("Running 1s test\nRESULT 500 2000000 0 120 900\n").unwrap();
        assert_eq!(loaded, Loaded { requests: 500, micros: 2_000_000, failures: 0, p99_us: 900 });
        assert_eq!(loaded.rate().unwrap(), 250.0);
        assert!(Loaded { failures: 1, ..loaded }.rate().is_err());
        assert_eq!(Loaded::parse("unable to connect"), None);
    }
}
