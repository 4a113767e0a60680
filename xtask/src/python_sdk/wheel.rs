//! Wheels, for release.

use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::{process, repository};

/// Which wheel to build.
#[derive(Args)]
pub(crate) struct Options {
    /// Build for this interpreter alone, as Python before 3.11 needs it: for example python3.9
    #[arg(long)]
    interpreter: Option<String>,
}

/// Builds a wheel into `target/wheels`.
///
/// Without an interpreter it is one for Python 3.11 and later. Earlier versions have no buffers in their stable ABI.
///
/// # Errors
/// When the tools cannot be installed, or the build fails.
pub(crate) fn build(options: &Options) -> Result<()> {
    let python = super::set_up()?;
    let maturin = python.packages().join("bin").join("maturin");
    let mut command = Command::new(&maturin);
    command.current_dir(super::sources()).args(["build", "--release", "--locked", "--out"]);
    command.arg(repository::target().join("wheels")).arg("--target-dir").arg(repository::target());
    if let Some(interpreter) = &options.interpreter {
        command.args(["--no-default-features", "--interpreter", interpreter]);
    }
    process::run(&mut command).context("maturin cannot build the wheel")
}
