//! The programs that call a plug-in, one for each language.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::clients::{Libraries, Work};
use crate::toolchain::{Java, Python};
use crate::{java, prefix, python_clients, repository};

/// A client: what it is called, and how it is started.
pub(super) struct Program {
    pub(super) name: &'static str,
    start: Command,
    /// Does the same by an SDK of ours, instead of using our library as the public one is used.
    own: Option<Command>,
}

/// Which of the two is called.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    Public,
    Ours,
}

impl Program {
    /// Every client, built; that for our Python SDK uses the package in the folder `python_sdk`.
    pub(super) fn all(python: &Python, python_sdk: &Path, java: &Java) -> Result<Vec<Self>> {
        Ok(vec![
            Self { name: "C", start: c().context("the client in C")?, own: None },
            Self { name: "Python, package `extism`", start: extism_for_python(python)?, own: None },
            Self {
                name: "Python, our SDK instead of `extism`",
                start: extism_for_python(python)?,
                own: Some(plugwright_for_python(python, python_sdk)),
            },
            Self {
                name: "Java, artifact `extism`",
                start: java::bench_client(java).context("the client in Java")?,
                own: None,
            },
        ])
    }

    /// The client of one side, told to do this work, so many calls in each round.
    pub(super) fn command(&self, libraries: &Libraries, side: Side, work: &Work, calls: u64) -> Command {
        let (start, library) = match side {
            Side::Public => (&self.start, &libraries.public),
            Side::Ours => (self.own.as_ref().unwrap_or(&self.start), &libraries.ours),
        };
        let mut command = Command::new(start.get_program());
        command.args(start.get_args());
        for (name, value) in start.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.arg(library).arg(repository::root().join(work.guest)).arg(work.function);
        command.arg(work.input_bytes.to_string()).arg(calls.to_string());
        command
    }
}

fn c() -> Result<Command> {
    let folder = repository::target().join("c-client");
    fs::create_dir_all(&folder)?;
    let program = folder.join("client").with_extension(env::consts::EXE_EXTENSION);
    let source = repository::root().join("benches/clients/c/client.c");
    prefix::compile(&source, &["-ldl"], &program)?;
    Ok(Command::new(program))
}

fn extism_for_python(python: &Python) -> Result<Command> {
    let mut command = python.command();
    // The runner of the conformance cases knows how the package is given another library.
    command.env("PYTHONPATH", env::join_paths([python.packages(), &python_clients::sources()])?);
    command.arg(repository::root().join("benches/clients/python/extism_client.py"));
    Ok(command)
}

fn plugwright_for_python(python: &Python, package: &Path) -> Command {
    let mut command = python.command();
    command.env("PYTHONPATH", package);
    command.arg(repository::root().join("benches/clients/python/plugwright_client.py"));
    command
}
