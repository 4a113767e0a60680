//! The Node.js SDK: its checks and tests, and its packages.

mod pack;
mod stage;
mod tools;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use clap::Args;

pub(crate) use stage::{package as stage_package, release as stage_release};

use crate::cache::Cache;
use crate::{brokers, built, process, repository};

/// The Cargo package that makes the addon.
pub(crate) const PACKAGE: &str = "plugwright-node";

/// The npm package.
pub(crate) const NAME: &str = "plugwright";

/// The sources, relative to the root of the checkout.
const SOURCES: &str = "sdks/node";

/// What to do with the SDK, instead of checking and testing it.
#[derive(Args)]
pub(crate) struct Options {
    /// Build the package, with an addon for tests, into target/node/node_modules
    #[arg(long, conflicts_with = "pack")]
    build: bool,
    /// Build the packages to be published, for this platform, into target/node-packages
    #[arg(long)]
    pack: bool,
}

/// Does what the options say.
///
/// # Errors
/// When the tools cannot be installed, the addon cannot be built, or something fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.build {
        println!("{}", stage::package()?.display());
        Ok(())
    } else if options.pack {
        let built = built::build_release(&[PACKAGE])?;
        for file in pack::make(&built.join(stage::BUILT), &pack::folder())? {
            println!("{}", file.display());
        }
        Ok(())
    } else {
        check()
    }
}

/// Checks the sources, then runs the tests on the addon built from this checkout, and those of the packages.
///
/// # Errors
/// When the tools cannot be installed, the addon cannot be built, or something fails.
pub(crate) fn check() -> Result<()> {
    let tools = tools::Tools::set_up(&Cache::open()?, &sources())?;
    tools.lint(&sources())?;
    let staged = stage::package()?;
    tools.check_types(&staged.join("test").join("tsconfig.json"))?;
    let mut tests = Command::new("node");
    tests.current_dir(&staged).env_remove("RUST_BACKTRACE");
    tests
        .env("PLUGWRIGHT_GUESTS", repository::guests())
        .env("PLUGWRIGHT_DOCS", repository::root().join("docs"));
    // Plug-ins on workers need a server, the programs of this checkout, and the package for NATS, which the addon's has not.
    brokers::set_up()?;
    tests.env(brokers::VARIABLE, brokers::folder()?).env("PLUGWRIGHT_PROGRAMS", built::folder());
    tests.env("NODE_PATH", tools.modules());
    process::run(tests.arg("--test").args(stage::tests(&staged)?))?;
    pack::check(&built::folder().join(stage::BUILT))
}

/// The folder of the sources.
fn sources() -> PathBuf {
    repository::root().join(SOURCES)
}
