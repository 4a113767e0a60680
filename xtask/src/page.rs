//! The page of `plugwright serve`: its sources are checked, and it is tested in Chromium.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::toolchain::{Chromium, Npm};
use crate::{built, files, link_folder, process, repository};

/// The page, and its tests.
const PAGE: &str = "crates/server/page";
const TESTS: &str = "crates/server/tests/page";

/// Where the tests are run, and where they leave pictures, below the target folder.
const STAGED: &str = "page-tests";
const SCREENSHOTS: &str = "screenshots";

/// What takes longer has hung.
const LIMIT: Duration = Duration::from_secs(300);

/// Checks the sources, builds the program and tests what it shows. Pictures are left in `target/screenshots`.
///
/// # Errors
/// When a source is not sound, a test fails, or the browser cannot be had.
pub(crate) fn check() -> Result<()> {
    let cache = Cache::open()?;
    let root = repository::root();
    let npm = Npm::set_up(&cache, "page-tests", &root.join(TESTS))?;
    let chromium = Chromium::set_up(&cache)?;
    let staged = repository::target().join(STAGED);
    files::empty_folder(&staged)?;
    files::copy_all(&root.join(TESTS), &staged)?;
    fs::create_dir(staged.join("page"))?;
    files::copy_all(&root.join(PAGE), &staged.join("page"))?;
    link_folder::link_each(npm.modules(), &staged.join("node_modules"))?;

    process::run(node(&staged).args(["node_modules/eslint/bin/eslint.js", "--max-warnings=0", "."]))?;
    process::run(node(&staged).arg("node_modules/typescript/bin/tsc"))?;

    built::build()?;
    let screenshots = repository::target().join(SCREENSHOTS);
    files::empty_folder(&screenshots)?;
    let scratch = tempfile::tempdir()?;
    let mut tests = node(&staged);
    tests.args(["--test", "page.test.js"]).envs(chromium.environment(scratch.path())?);
    tests.env("CHROMIUM", chromium.program()).env("SCREENSHOTS", &screenshots);
    tests.env("PLUGWRIGHT", built::folder().join("plugwright"));
    process::run_within(LIMIT, &mut tests).context("the page in Chromium")
}

/// Node.js, in a folder.
fn node(folder: &Path) -> Command {
    let mut command = Command::new("node");
    command.current_dir(folder).env_remove("NODE_OPTIONS");
    command
}
