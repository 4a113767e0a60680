//! A client that runs: a line on its standard input makes it run a round, and print how long a call took.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// A client's process; dropping this ends it.
pub(super) struct Worker {
    name: String,
    child: Child,
    lines: BufReader<ChildStdout>,
    input: ChildStdin,
}

impl Worker {
    /// Starts a client.
    pub(super) fn start(mut command: Command) -> Result<Self> {
        let name = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let (Some(output), Some(input)) = (child.stdout.take(), child.stdin.take()) else {
            bail!("{name} has no standard streams");
        };
        Ok(Self { name, child, lines: BufReader::new(output), input })
    }

    /// Makes it run one round; returns the nanoseconds of a call.
    pub(super) fn round(&mut self) -> Result<f64> {
        self.exchange().with_context(|| format!("{} gives no figure", self.name))
    }

    fn exchange(&mut self) -> Result<f64> {
        self.input.write_all(b"\n")?;
        let mut line = String::new();
        ensure!(self.lines.read_line(&mut line)? > 0, "it has ended");
        let nanoseconds: f64 = line.trim().parse()?;
        ensure!(nanoseconds.is_finite() && nanoseconds > 0.0, "{nanoseconds} is no time");
        Ok(nanoseconds)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It has printed what it is asked for, so that nothing is lost; one that has ended already cannot be ended again.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::Worker;

    fn shell(script: &str) -> Worker {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Worker::start(command).unwrap()
    }

    #[test]
    fn a_line_is_a_round() {
        let mut worker = shell("while read line; do echo 1.5e3; done");
        assert_eq!((worker.round().unwrap(), worker.round().unwrap()), (1500.0, 1500.0));
    }

    #[test]
    fn a_client_that_fails_is_named() {
        for script in ["exit 1", "read line; echo fast", "read line; echo NaN", "read line; echo 0"] {
            let error = format!("{:#}", shell(script).round().unwrap_err());
            assert!(error.contains(script), "{error}");
        }
    }
}
