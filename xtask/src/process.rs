//! Running other programs.

use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Runs a program to its end, with this program's standard streams.
///
/// # Errors
/// When it cannot be started or does not succeed; the message holds the whole command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    check(command, status)
}

/// Runs a program and returns what it wrote to standard output, without the white space around it.
///
/// # Errors
/// As [`run`], and when the output is not UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| cannot_start(command))?;
    check(command, output.status)?;
    let text = String::from_utf8(output.stdout).with_context(|| format!("{command:?} wrote no UTF-8"))?;
    Ok(text.trim().to_owned())
}

/// Runs a program, and ends it when it has not finished within `limit`.
///
/// # Errors
/// As [`run`], and when the time is up.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| cannot_start(command))?;
    loop {
        if let Some(status) = child.try_wait()? {
            return check(command, status);
        }
        if start.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            bail!("{command:?} took longer than {limit:?}");
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", command.get_program().display())
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("{command:?} failed: {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Command, Duration, output, run, run_within};

    #[test]
    fn a_failure_names_the_command() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("exit 3") && error.contains("exit status: 3"), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = output(&mut Command::new("no-such-program")).unwrap_err().to_string();
        assert_eq!(error, "cannot start no-such-program");
    }

    #[test]
    fn output_is_trimmed() {
        assert_eq!(output(Command::new("sh").args(["-c", "echo ' a b '"])).unwrap(), "a b");
    }

    #[test]
    fn a_program_that_never_ends_is_ended() {
        let error = run_within(Duration::ZERO, Command::new("sh").args(["-c", "read x < /dev/zero"]));
        assert!(error.unwrap_err().to_string().contains("took longer than"));
    }
}
