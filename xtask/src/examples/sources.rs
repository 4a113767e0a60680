//! Format and lint of the examples' sources.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::{Example, examples};
use crate::cache::Cache;
use crate::toolchain::Go;
use crate::{process, repository};

/// Checks that every source is formatted.
///
/// # Errors
/// When one is not, or Go cannot be installed.
pub(crate) fn check_format() -> Result<()> {
    let go = Go::set_up(&Cache::open()?)?;
    for example in examples()? {
        if example.has("Cargo.toml") {
            process::run(example.cargo("fmt").arg("--check"))?;
        }
        if example.has("go.mod") {
            let wrong = process::output(go.formatter().arg("-l").arg(&example.folder))?;
            ensure!(wrong.is_empty(), "not formatted as gofmt does:\n{wrong}");
        }
    }
    Ok(())
}

/// Looks for mistakes in every source.
///
/// # Errors
/// When there is one, or Go cannot be installed.
pub(crate) fn lint() -> Result<()> {
    let go = Go::set_up(&Cache::open()?)?;
    for example in examples()? {
        if example.has("Cargo.toml") {
            let mut clippy = example.cargo("clippy");
            clippy.arg("--target-dir").arg(repository::target()).args(["--", "--deny", "warnings"]);
            process::run(&mut clippy)?;
        }
        if example.has("go.mod") {
            process::run(go.command().args(["vet", "."]).current_dir(&example.folder))?;
        }
    }
    Ok(())
}

impl Example {
    fn has(&self, file: impl AsRef<Path>) -> bool {
        self.folder.join(file).is_file()
    }

    /// A command of Cargo for this example.
    fn cargo(&self, command: &str) -> Command {
        let mut cargo = repository::cargo();
        cargo.arg(command).arg("--manifest-path").arg(self.folder.join("Cargo.toml"));
        cargo
    }
}
