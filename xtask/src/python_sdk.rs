//! The Python SDK: its checks and tests, and its wheels.

mod stage;
mod wheel;

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

pub(crate) use stage::release as stage_release;
pub(crate) use wheel::{Options as WheelOptions, build as build_wheel};

use crate::cache::Cache;
use crate::toolchain::Python;
use crate::{brokers, built, process, python_clients, repository};

/// The package that makes the native module.
pub(crate) const PACKAGE: &str = "plugwright-python";

/// The sources, relative to the root of the checkout.
const SOURCES: &str = "sdks/python";

/// The page of the user guide whose examples are run.
const GUIDE: &str = "docs/python-sdk.md";

/// Checks the sources, then runs the tests, and the examples in docstrings and in the guide, on the module built from this checkout.
///
/// # Errors
/// When Python's packages cannot be installed, the module cannot be built, or something fails.
pub(crate) fn check() -> Result<()> {
    let python = set_up()?;
    let run = |arguments: &[&str]| process::run(command(&python).args(arguments));
    run(&["-m", "ruff", "check", "--quiet", "--no-cache", "."])?;
    run(&["-m", "ruff", "format", "--check", "--quiet", "--no-cache", "."])?;
    run(&["-m", "mypy", "--no-error-summary", "--cache-dir=/dev/null"])?;

    let staged = stage::package()?;
    let mut tests = command(&python);
    let paths = [staged.clone(), python.packages().to_owned()];
    tests.env("PYTHONPATH", env::join_paths(paths).context("the path of a folder cannot be in PYTHONPATH")?);
    brokers::set_up()?;
    tests.env(brokers::VARIABLE, brokers::folder()?).env("PLUGWRIGHT_PROGRAMS", built::folder());
    tests.env("PLUGWRIGHT_GUIDE", repository::root().join(GUIDE));
    tests.args(["-m", "pytest", "--quiet", "--doctest-modules", "tests"]).arg(staged.join("plugwright"));
    process::run(&mut tests)?;
    python_clients::conform(&python, "plugwright", &staged)
}

/// Python with the packages of the lock file.
fn set_up() -> Result<Python> {
    Python::set_up(&Cache::open()?, "python-sdk", &sources().join("requirements.txt"))
}

/// The folder of the sources.
fn sources() -> PathBuf {
    repository::root().join(SOURCES)
}

/// Python, in the folder of the sources.
fn command(python: &Python) -> Command {
    let mut command = python.command();
    // Backtraces of this library's own would be captured with each error that a test makes.
    command.current_dir(sources()).env_remove("RUST_BACKTRACE");
    command
}
