//! The example plug-ins: each has a README of three steps (build, inspect, call), and what it says is what happens.

pub(crate) mod alarm;
mod exchange;
pub(crate) mod farm;
pub(crate) mod programs;
mod readme;
mod server;
mod sources;
pub(crate) mod todo;

pub(crate) use exchange::Exchange;
pub(crate) use readme::blocks;
pub(crate) use server::Server;
pub(crate) use sources::{check_format, lint};

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::toolchain::{Go, Rust};
use crate::{built, repository};
use readme::Readme;

/// The folder of one example.
struct Example {
    name: String,
    folder: PathBuf,
}

/// What the commands of a README need on this machine.
pub(crate) struct Tools {
    rust: Rust,
    go: Go,
}

/// Follows the README of every example, and compares what its commands show with what it says that they show.
///
/// # Errors
/// When a toolchain cannot be installed, a README has another form, a command fails, or it shows something else.
pub(crate) fn check() -> Result<()> {
    let tools = Tools::set_up()?;
    built::build()?;
    for example in examples()? {
        let start = Instant::now();
        example.check(&tools).with_context(|| format!("examples/plugins/{}/README.md", example.name))?;
        println!("examples/plugins/{}: {:.1} s", example.name, start.elapsed().as_secs_f32());
    }
    Ok(())
}

/// Every example, by name.
fn examples() -> Result<Vec<Example>> {
    let root = repository::root().join("examples").join("plugins");
    let mut examples = Vec::new();
    for entry in fs::read_dir(&root).with_context(|| format!("cannot read {}", root.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let name = entry.file_name().to_string_lossy().into_owned();
            examples.push(Example { name, folder: entry.path() });
        }
    }
    examples.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(examples)
}

impl Example {
    fn check(&self, tools: &Tools) -> Result<()> {
        let text = fs::read_to_string(self.folder.join("README.md")).context("cannot read it")?;
        let readme = Readme::parse(&text)?;

        // What an earlier run built must not pass for what this one did not build.
        self.remove_plugins()?;
        follow(&readme.build, || tools.building_shell())?;
        follow(&readme.inspect, || tools.shell())?;
        let mut calls = readme.call;
        for exchange in &mut calls {
            exchange.command = built::without_cargo(&exchange.command);
        }
        match &readme.server {
            None => follow(&calls, || tools.shell()),
            Some(command) => {
                let server = Server::start(tools.shell()?, command)?;
                follow(&server.moved(calls), || tools.shell())
            }
        }
    }

    /// Removes the plug-ins in the folder, which are never sources.
    fn remove_plugins(&self) -> Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "wasm") {
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(())
    }
}

/// Runs what one step of a README says.
fn follow(step: &[Exchange], shell: impl Fn() -> Result<Command>) -> Result<()> {
    step.iter().try_for_each(|exchange| exchange.check(shell()?))
}

impl Tools {
    /// Installs what is missing.
    ///
    /// # Errors
    /// When a toolchain cannot be installed.
    pub(crate) fn set_up() -> Result<Self> {
        let cache = Cache::open()?;
        Ok(Self { rust: Rust::set_up(&cache)?, go: Go::set_up(&cache)? })
    }

    /// A shell in the root of the checkout, for which `plugwright` is the one that was built from it.
    fn shell(&self) -> Result<Command> {
        let path = env::var_os("PATH").unwrap_or_default();
        let own = [Some(built::folder()), self.go.folder().map(Path::to_path_buf)];
        let mut shell = repository::command("sh");
        shell.env("PATH", env::join_paths(own.into_iter().flatten().chain(env::split_paths(&path)))?);
        Ok(shell)
    }

    /// The same, with the compiler of Rust plug-ins. Only building may see it: hosts are compiled by this machine's own.
    ///
    /// # Errors
    /// When a folder's name cannot be part of `PATH`.
    pub(crate) fn building_shell(&self) -> Result<Command> {
        let mut shell = self.shell()?;
        // One target folder, so that what examples have in common is built once.
        shell.envs(self.rust.variables()).env("CARGO_TARGET_DIR", repository::target().join("examples"));
        shell.env("GOTOOLCHAIN", "local").env("GOWORK", "off");
        Ok(shell)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Readme, examples};
    use crate::repository;

    #[test]
    fn every_example_has_a_readme_and_a_place_in_the_guide() {
        let guide = fs::read_to_string(repository::root().join("docs").join("classics.md")).unwrap();
        let examples = examples().unwrap();
        assert!(!examples.is_empty());
        for example in examples {
            let readme = fs::read_to_string(example.folder.join("README.md")).unwrap();
            let readme = Readme::parse(&readme).unwrap();
            assert_eq!(
                readme.build[0].command,
                format!("plugwright build examples/plugins/{}", example.name)
            );
            assert!(guide.contains(&format!("`{}`", example.name)), "{} is missing", example.name);
        }
    }
}
