//! Programs that a README tells to start, and that go on while other commands are run.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, ensure};

/// What programs say when they are ready.
const READY: [&str; 2] = ["Server is ready", "serving "];

/// A port that nobody listens on.
///
/// # Errors
/// When the system has none.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A program that runs until this is dropped.
pub(crate) struct Program(Child);

impl Program {
    /// Starts a command of a README in this shell, and waits until it says that it is ready.
    ///
    /// # Errors
    /// When it cannot be started, or ends before it is ready.
    pub(crate) fn start(mut shell: Command, command: &str) -> Result<Self> {
        // The shell becomes the program, so that ending the one ends the other.
        shell.arg("-c").arg(format!("exec {command}")).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut program = Self(shell.spawn().context("cannot start a shell")?);
        let mut said = BufReader::new(program.0.stderr.take().context("the program has no output")?);
        let mut all = String::new();
        while !READY.iter().any(|ready| all.contains(ready)) {
            ensure!(said.read_line(&mut all)? > 0, "`{command}` ended:\n{all}");
        }
        // It must not wait for somebody who reads what it says.
        thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Ok(program)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended by itself is as good as one that is ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
