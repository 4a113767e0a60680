//! The public Python package `extism` as a client of our C library: its tests, the conformance cases, the soak.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::capi::Library;
use crate::toolchain::Python;
use crate::{process, repository};

/// The sources, relative to the root of the checkout.
const SOURCES: &str = "conformance/python";

/// More sources, with the same settings.
const BENCHMARKS: &str = "benches/clients/python";

/// A soak that takes longer has hung.
const SOAK_LIMIT: Duration = Duration::from_secs(120);

/// What the public library does otherwise with plug-ins in JavaScript, which are for every host: it logs to a file alone, its messages of
/// refused requests have a backtrace, and an instance that was stopped goes on.
const OTHERWISE: [&str; 3] = ["--differs=js-logs", "--differs=js-fetch", "--differs=js-deadline"];

/// Checks the Python sources, then runs what they test, on the library built from this checkout.
///
/// # Errors
/// When Python's packages cannot be installed, the library cannot be built, or something fails.
pub(crate) fn check() -> Result<()> {
    let python = set_up()?;
    let sources = sources();
    let run = |arguments: &[&str]| process::run(&mut command(&python, &sources, arguments));
    let benchmarks = repository::root().join(BENCHMARKS);
    let benchmarks = benchmarks.to_str().context("the checkout's path is not Unicode")?;
    run(&["-m", "ruff", "check", "--quiet", "--no-cache", "--config=pyproject.toml", ".", benchmarks])?;
    run(&[
        "-m",
        "ruff",
        "format",
        "--check",
        "--quiet",
        "--no-cache",
        "--config=pyproject.toml",
        ".",
        benchmarks,
    ])?;
    run(&["-m", "mypy", "--no-error-summary", "--cache-dir=/dev/null"])?;

    let library = format!("--library={}", Library::dev()?.shared().display());
    run(&["-m", "pytest", "--quiet", "-p", "no:cacheprovider", &library])?;
    run(&["-m", "conformance_runner", "--module=extism", &library])?;
    let mut on_public_library = vec!["-m", "conformance_runner", "--module=extism", "--topic=javascript"];
    on_public_library.extend(OTHERWISE);
    run(&on_public_library)?;
    process::run_within(SOAK_LIMIT, &mut command(&python, &sources, &["soak.py", &library]))
}

/// Runs the conformance cases, and the soak, on a module with the public package's surface, which lies in `folder`.
///
/// # Errors
/// When a case fails, or the process grows.
pub(crate) fn conform(python: &Python, module: &str, folder: &Path) -> Result<()> {
    let module = format!("--module={module}");
    let path = env::join_paths([folder, python.packages()])?;
    let cases = command(python, &sources(), &["-m", "conformance_runner", &module]);
    let soak = command(python, &sources(), &["soak.py", &module]);
    [cases, soak].iter_mut().try_for_each(|run| process::run_within(SOAK_LIMIT, run.env("PYTHONPATH", &path)))
}

/// Python with the packages of the lock file.
pub(crate) fn set_up() -> Result<Python> {
    Python::set_up(&Cache::open()?, "python-clients", &sources().join("requirements.txt"))
}

/// The public library, which the package brings.
///
/// # Errors
/// When the package is not as it was.
pub(crate) fn public_library(python: &Python) -> Result<PathBuf> {
    const WHERE: &str = "from conformance_runner import library; print(library.public())";
    Ok(process::output(&mut command(python, &sources(), &["-c", WHERE]))?.into())
}

/// The folder of the Python sources.
pub(crate) fn sources() -> PathBuf {
    repository::root().join(SOURCES)
}

fn command(python: &Python, sources: &Path, arguments: &[&str]) -> Command {
    let mut command = python.command();
    // A guest that is not there fails the conformance cases that need it.
    command.args(arguments).current_dir(sources).env("PLUGWRIGHT_ALL_GUESTS", "1");
    // It makes libraries in Rust capture a backtrace with each error.
    command.env_remove("RUST_BACKTRACE");
    command
}
