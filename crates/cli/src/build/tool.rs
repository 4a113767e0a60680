//! The programs that build plug-ins: finding and running them.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, thread};

use super::error::BuildError;
use crate::args::Global;
use crate::output;

/// A program, and what to tell somebody who does not have it.
#[derive(Debug)]
pub(crate) struct Tool {
    /// What it is called on the PATH.
    pub(crate) program: &'static str,
    /// Why it is needed.
    pub(crate) purpose: &'static str,
    /// How to get it.
    pub(crate) remedy: &'static str,
}

impl Tool {
    /// Where it is installed.
    ///
    /// # Errors
    ///
    /// When it is not on the PATH.
    pub(super) fn find(&'static self) -> Result<PathBuf, BuildError> {
        find(self.program).ok_or(BuildError::MissingTool(self))
    }
}

/// Where on the PATH a program is.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).flat_map(|folder| names(&folder, program)).find(|file| is_program(file))
}

#[cfg(unix)]
fn names(folder: &Path, program: &str) -> [PathBuf; 1] {
    [folder.join(program)]
}

#[cfg(windows)]
fn names(folder: &Path, program: &str) -> [PathBuf; 3] {
    ["exe", "cmd", "bat"].map(|extension| folder.join(format!("{program}.{extension}")))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(windows)]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// How a program ended.
pub(super) struct Ended {
    succeeded: bool,
    command: String,
    status: String,
    /// What it wrote to standard output.
    pub(super) stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub(super) stderr: String,
    /// Whether that was shown already.
    shown: bool,
}

impl Ended {
    /// Whether it went well.
    pub(super) fn succeeded(&self) -> bool {
        self.succeeded
    }

    /// Checks that it went well.
    ///
    /// # Errors
    ///
    /// When it did not.
    pub(super) fn check(self) -> Result<Self, BuildError> {
        if self.succeeded {
            return Ok(self);
        }
        let mut said = if self.shown { Vec::new() } else { self.stderr.into_bytes() };
        said.extend(self.stdout);
        Err(BuildError::Failed { command: self.command, status: self.status, said })
    }
}

/// Runs a program to its end. What it says is kept; with `--verbose` it is shown as it comes.
///
/// # Errors
///
/// When it cannot be started.
pub(super) fn run(command: &mut Command, global: &Global) -> Result<Ended, BuildError> {
    let line = line(command);
    if global.verbose {
        output::note(format_args!("running `{line}`"), global);
    }
    let (status, stdout, stderr) = start_and_wait(command, global.verbose)
        .map_err(|reason| BuildError::NotStarted { program: shown(command.get_program()), reason })?;
    Ok(Ended {
        succeeded: status.success(),
        command: line,
        status: status.to_string(),
        stdout,
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        shown: global.verbose,
    })
}

type Finished = (std::process::ExitStatus, Vec<u8>, Vec<u8>);

fn start_and_wait(command: &mut Command, show: bool) -> io::Result<Finished> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // Two pipes, two readers: a program that fills one must not wait for the reader of the other.
    let (stdout, stderr) = thread::scope(|scope| {
        let stderr = scope.spawn(move || read(stderr, show));
        // Standard output may be a program's answer to us, which nobody wants to see.
        (read(stdout, false), stderr.join().unwrap_or_default())
    });
    Ok((child.wait()?, stdout, stderr))
}

/// Reads to the end, and shows what comes meanwhile.
fn read(pipe: Option<impl Read>, show: bool) -> Vec<u8> {
    let mut all = Vec::new();
    let Some(mut pipe) = pipe else { return all };
    let mut part = [0; 4096];
    // A pipe that breaks has ended.
    while let Ok(length @ 1..) = pipe.read(&mut part) {
        if show {
            // Without standard error nobody wants to know.
            let _ = io::stderr().write_all(&part[..length]);
        }
        all.extend_from_slice(&part[..length]);
    }
    all
}

/// The command as people write it.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words: Vec<String> = std::iter::once(program).chain(command.get_args()).map(shown).collect();
    words.join(" ")
}

fn shown(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.contains(char::is_whitespace) { format!("'{word}'") } else { word.into_owned() }
}
