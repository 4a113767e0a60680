//! Format and lint of the Rust examples. Those in Go are checked with all other Go sources.

use std::process::Command;

use anyhow::Result;

use super::{Example, examples, todo};
use crate::{process, repository};

/// Checks that the sources are formatted.
///
/// # Errors
/// When one is not.
pub(crate) fn check_format() -> Result<()> {
    packages()?.iter().try_for_each(|example| process::run(example.cargo("fmt").arg("--check")))
}

/// Looks for mistakes in the sources.
///
/// # Errors
/// When there is one.
pub(crate) fn lint() -> Result<()> {
    packages()?.iter().try_for_each(|example| {
        let mut clippy = example.cargo("clippy");
        clippy.arg("--target-dir").arg(repository::target()).args(["--locked", "--", "--deny", "warnings"]);
        process::run(&mut clippy)
    })
}

/// The examples that are Cargo packages.
fn packages() -> Result<Vec<Example>> {
    let mut examples = examples()?;
    examples.push(todo::example());
    examples.retain(|example| example.folder.join("Cargo.toml").is_file());
    Ok(examples)
}

impl Example {
    /// A command of Cargo for this example.
    fn cargo(&self, command: &str) -> Command {
        let mut cargo = repository::cargo();
        cargo.arg(command).arg("--manifest-path").arg(self.folder.join("Cargo.toml"));
        cargo
    }
}
