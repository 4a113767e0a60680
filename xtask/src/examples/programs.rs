//! Programs that READMEs start, and that run while the next commands are typed.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, thread};

use anyhow::{Context, Result, ensure};

use crate::{brokers, built, repository};

/// What programs say when they are ready.
const READY: [&str; 3] = ["Server is ready", "serving ", " running"];

/// A port that nobody listens on.
///
/// # Errors
/// When the system has none.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A shell in this folder, which finds `plugwright`, the servers of the tests, and their clients.
///
/// # Errors
/// When there is no cache folder.
pub(crate) fn shell(folder: &Path) -> Result<Command> {
    let path = env::var_os("PATH").unwrap_or_default();
    let servers = brokers::folder()?.join("usr");
    let own = [built::folder(), servers.join("sbin"), servers.join("bin")];
    let mut shell = repository::command("sh");
    shell.current_dir(folder);
    shell.env("PATH", env::join_paths(own.into_iter().chain(env::split_paths(&path)))?);
    shell.env("LD_LIBRARY_PATH", servers.join(format!("lib/{}-linux-gnu", env::consts::ARCH)));
    Ok(shell)
}

/// A program that runs until this is dropped.
pub(crate) struct Program(Child);

impl Program {
    /// Starts a command of a README, and waits until it says that it is ready.
    ///
    /// # Errors
    /// When it cannot be started, or ends before it is ready.
    pub(crate) fn start(mut shell: Command, command: &str) -> Result<Self> {
        shell.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut program = Self::spawn(shell, command)?;
        let mut said = BufReader::new(program.0.stderr.take().context("the program has no output")?);
        let mut all = String::new();
        while !READY.iter().any(|ready| all.contains(ready)) {
            ensure!(said.read_line(&mut all)? > 0, "`{command}` ended:\n{all}");
        }
        // It must not wait for somebody who reads what it says.
        thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Ok(program)
    }

    /// Starts a command of a README that shows lines, and gives what it shows.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn showing(mut shell: Command, command: &str) -> Result<(Self, BufReader<ChildStdout>)> {
        shell.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut program = Self::spawn(shell, command)?;
        let shown = program.0.stdout.take().context("the program has no output")?;
        Ok((program, BufReader::new(shown)))
    }

    /// The shell becomes the program, so that ending the one ends the other.
    fn spawn(mut shell: Command, command: &str) -> Result<Self> {
        shell.arg("-c").arg(format!("exec {command}"));
        Ok(Self(shell.spawn().context("cannot start a shell")?))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended by itself is as good as one that is ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
