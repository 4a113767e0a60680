//! What is around the Node.js SDK: the conformance cases, the servers of `examples`, the programs for benchmarks.

mod readmes;

use std::fs;
use std::io::Write;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::cache::Cache;
use crate::examples::Tools;
use crate::toolchain::Npm;
use crate::{bench, guests, link_folder, node_sdk, process, repository};

/// The runner of the cases, and the tests of the servers.
const CONFORMANCE: &str = "conformance/node";

/// The server in JavaScript.
const FASTIFY: &str = "examples/node-fastify";

/// The servers, and their tests. The second is in TypeScript, whose compiler looks at it.
const SERVERS: [(&str, &str); 2] =
    [(FASTIFY, "fastify.test.js"), ("examples/node-pool-server", "pool.test.js")];

/// The modes that the cases run in, as `lib/surfaces/open.js` has them.
const MODES: [&[&str]; 2] = [&["sync", "main"], &["worker", "pool", "classic"]];

/// What takes longer has hung.
const LIMIT: Duration = Duration::from_secs(480);

/// Checks all of it.
///
/// # Errors
/// Those of the parts.
pub(crate) fn check() -> Result<()> {
    check_conformance()?;
    check_servers()
}

/// Runs the conformance cases by every surface and mode of the package.
///
/// # Errors
/// When a source is not sound, or a case fails.
pub(crate) fn check_conformance() -> Result<()> {
    let folder = stage_conformance(&node_sdk::stage_package()?)?;
    lint(&folder)?;
    process::run(&mut tsc(&folder))?;
    let own = ["--test-reporter=./lib/reporter.js", "--test", "tests/"];
    process::run_within(LIMIT, node(&folder).args(own))?;
    // Side by side, as most of it waits for one thread.
    thread::scope(|scope| {
        let halves = MODES.map(|modes| {
            let folder = &folder;
            scope.spawn(move || run_cases(folder, modes))
        });
        halves.into_iter().try_for_each(|half| half.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Checks all sources in JavaScript but the SDK's own, by its rules.
fn lint(conformance: &Path) -> Result<()> {
    let root = repository::root();
    fs::copy(root.join("sdks/node/eslint.config.mjs"), conformance.join("eslint.sdk.mjs"))?;
    let mut eslint = node(&root);
    eslint.arg(conformance.join("node_modules/eslint/bin/eslint.js"));
    eslint.arg("--config").arg(conformance.join("eslint.config.mjs")).args([
        CONFORMANCE,
        bench::NODE_SOURCES,
        FASTIFY,
    ]);
    process::run(&mut eslint)
}

/// Runs the cases in some modes.
fn run_cases(folder: &Path, modes: &[&str]) -> Result<()> {
    let mut node = node(folder);
    node.args(["--test-reporter=./lib/reporter.js", "conformance.js", "--checkout"]).arg(repository::root());
    node.args(modes.iter().flat_map(|mode| ["--mode", mode]));
    // A guest that is not there fails the cases that need it.
    process::run_within(LIMIT, node.env("PLUGWRIGHT_ALL_GUESTS", "1"))
}

/// Starts the servers of `examples`, and asks them: by tests, and as their READMEs say.
///
/// # Errors
/// When one is not sound, or answers something else.
pub(crate) fn check_servers() -> Result<()> {
    let tools = Tools::set_up()?;
    let sdk = node_sdk::stage_package()?;
    let tests = stage_conformance(&sdk)?;
    for (sources, test) in SERVERS {
        let name = Path::new(sources).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = stage(&sdk, &name, sources)?;
        if folder.join("tsconfig.json").exists() {
            process::run(&mut tsc(&folder)).with_context(|| sources.to_owned())?;
        }
        let mut node = node(&tests);
        node.arg("--test").arg(Path::new("servers").join(test));
        node.env("EXAMPLE", &folder).env("GUESTS", repository::guests());
        process::run_within(LIMIT, &mut node).with_context(|| sources.to_owned())?;
        readmes::follow(&tools, Path::new(sources)).with_context(|| format!("{sources}/README.md"))?;
    }
    check_benchmarks(&sdk)
}

/// Lets the programs for benchmarks measure a little, so that one that does not work is noticed before it is needed.
fn check_benchmarks(sdk: &Path) -> Result<()> {
    const WORK: [&str; 5] = ["client.js", "plugwright", "main", "copying echo of 64 B", "10"];
    let folder = stage(sdk, "node-benchmarks", bench::NODE_SOURCES)?;
    let mut client = node(&folder);
    client.args(WORK).arg(repository::root());
    let mut running = client.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // The end of the input comes when the pipe is dropped, after the two lines.
    running.stdin.take().context("the client has no input")?.write_all(b"\n\n")?;
    let answer = running.wait_with_output()?;
    ensure!(answer.status.success(), "{client:?} failed: {}", answer.status);
    let times = String::from_utf8(answer.stdout)?;
    ensure!(
        times.lines().filter(|time| time.parse::<f64>().is_ok()).count() == 2,
        "{client:?} printed {times:?}"
    );
    Ok(())
}

fn stage_conformance(sdk: &Path) -> Result<PathBuf> {
    stage(sdk, "node-conformance", CONFORMANCE)
}

/// Copies sources into a folder below the target folder, which it returns, with the packages of their lock file and the SDK's package, staged
/// in the folder `sdk`, where Node.js looks for them.
///
/// # Errors
/// When a package cannot be installed, or a file not be copied.
pub(crate) fn stage(sdk: &Path, name: &str, sources: &str) -> Result<PathBuf> {
    let sources = repository::root().join(sources);
    let npm = Npm::set_up(&Cache::open()?, name, &sources)?;
    let staged = repository::target().join(name);
    if staged.exists() {
        fs::remove_dir_all(&staged)?;
    }
    guests::copy_sources(&sources, &staged)?;
    let modules = staged.join("node_modules");
    link_folder::link_each(npm.modules(), &modules)?;
    link_folder::link(&sdk.join("node_modules").join(node_sdk::NAME), &modules.join(node_sdk::NAME))?;
    Ok(staged)
}

/// Node.js, in a folder.
fn node(folder: &Path) -> Command {
    let mut command = Command::new("node");
    // The first makes libraries in Rust capture a backtrace with each error.
    command.current_dir(folder).env_remove("RUST_BACKTRACE").env_remove("NODE_OPTIONS");
    // A child of a test runner would think that it is one of its tests.
    command.env_remove("NODE_TEST_CONTEXT");
    command
}

/// The TypeScript compiler, for the project in a folder.
fn tsc(folder: &Path) -> Command {
    let mut command = node(folder);
    command.arg(folder.join("node_modules").join("typescript").join("bin").join("tsc"));
    command
}
