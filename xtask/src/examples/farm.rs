//! The farm of workers on NATS: what its README says is what happens, also when a worker is killed.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use super::{Exchange, Program, blocks};
use crate::{brokers, built, repository};

const FOLDER: &str = "examples/nats-worker-farm";

/// The ports in the README. They may be taken on this machine.
const PORTS: [&str; 2] = ["4222", "8080"];

/// The folder of the NATS server's data in the README.
const DATA: &str = "/tmp/plugwright-farm";

/// Follows the README, and once more with its first worker killed.
///
/// # Errors
/// When a program cannot be started, or something else is shown than the README says.
pub(crate) fn check() -> Result<()> {
    brokers::set_up()?;
    built::build()?;
    let data = tempfile::tempdir()?;
    let text = fs::read_to_string(repository::root().join(FOLDER).join("README.md"))?;
    let text = elsewhere(&text, data.path())?;
    let mut programs = Vec::new();
    for lines in blocks(&text, "```sh") {
        programs.push(Program::start(shell()?, &lines.join("\n"))?);
    }
    ensure!(programs.len() == 4, "the README starts four programs: NATS, two workers, a server");
    let consoles = blocks(&text, "```console");
    ensure!(consoles.len() == 1, "the README asks once");
    for round in ["with two workers", "with one of them killed"] {
        for exchange in Exchange::parse_all(&consoles[0])? {
            exchange.check(shell()?).with_context(|| format!("{FOLDER}/README.md, {round}"))?;
        }
        if programs.len() == 4 {
            drop(programs.remove(1));
        }
    }
    println!("{FOLDER}: as its README says");
    Ok(())
}

/// The README with free ports and a folder of its own.
fn elsewhere(text: &str, data: &Path) -> Result<String> {
    let mut text = text.replace(DATA, &data.display().to_string());
    // All are taken before the first is given back.
    let taken = PORTS.map(|_| TcpListener::bind("127.0.0.1:0"));
    for (port, free) in PORTS.iter().zip(taken) {
        let free = free?.local_addr()?.port().to_string();
        ensure!(text.contains(port), "the README has no port {port}");
        text = text.replace(port, &free);
    }
    Ok(text)
}

/// A shell in the root of the checkout, which finds `plugwright` and `nats-server`.
///
/// # Errors
/// When a folder's name cannot be part of `PATH`.
pub(crate) fn shell() -> Result<Command> {
    let path = env::var_os("PATH").unwrap_or_default();
    let own = [built::folder(), brokers::folder()?.join("usr").join("sbin")];
    let mut shell = repository::command("sh");
    shell.env("PATH", env::join_paths(own.into_iter().chain(env::split_paths(&path)))?);
    Ok(shell)
}
