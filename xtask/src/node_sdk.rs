//! The Node.js SDK: its checks and tests.

mod stage;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use clap::Args;

pub(crate) use stage::{package as stage_package, release as stage_release};

use crate::{process, repository};

/// The Cargo package that makes the addon.
pub(crate) const PACKAGE: &str = "plugwright-node";

/// The npm package.
pub(crate) const NAME: &str = "plugwright";

/// The sources, relative to the root of the checkout.
const SOURCES: &str = "sdks/node";

/// What to do with the SDK.
#[derive(Args)]
pub(crate) struct Options {
    /// Only build the package, with its addon, into target/node/node_modules
    #[arg(long)]
    build: bool,
}

/// Checks the sources and runs the tests on the addon built from this checkout, or only builds it.
///
/// # Errors
/// When the tools cannot be installed, the addon cannot be built, or something fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.build {
        let staged = stage::package()?;
        println!("{}", staged.display());
        return Ok(());
    }
    check()
}

/// Checks the sources, then runs the tests on the addon built from this checkout.
///
/// # Errors
/// When the tools cannot be installed, the addon cannot be built, or something fails.
pub(crate) fn check() -> Result<()> {
    let staged = stage::package()?;
    let mut tests = Command::new("node");
    tests.current_dir(&staged).env("PLUGWRIGHT_GUESTS", repository::guests()).args(["--test", "test/"]);
    process::run(&mut tests)
}

/// The folder of the sources.
fn sources() -> PathBuf {
    repository::root().join(SOURCES)
}
