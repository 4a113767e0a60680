//! Checks and tests of the Go SDK.

use std::env;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cache::Cache;
use crate::toolchain::Go;
use crate::{brokers, built, go_checks, process, repository};

/// The folder of the module.
const SDK: &str = "sdks/go";

/// The version of the linter, as a version of its Go module.
const STATICCHECK: &str = "v0.8.2";

/// Checks format and style of the Go SDK, that it needs no C compiler, and runs its tests with the guests that are built; those
/// that have something to race for under the race detector as well.
///
/// # Errors
/// When a tool cannot be installed, or one of the checks or tests fails.
pub(crate) fn check() -> Result<()> {
    let cache = Cache::open()?;
    let go = Go::set_up(&cache)?;
    let sdk = repository::root().join(SDK);
    check_sources(&go, &staticcheck(&cache, &go)?, &sdk)?;
    process::run(native(&go, &sdk).args(["build", "./..."]).env("CGO_ENABLED", "0"))?;
    process::run(native(&go, &sdk).args(["test", "./..."]))?;
    brokers::set_up()?;
    built::build()?;
    let remote = sdk.join("remote");
    check_sources(&go, &staticcheck(&cache, &go)?, &remote)?;
    let mut tests = native(&go, &remote);
    tests.env(brokers::VARIABLE, brokers::folder()?).env("PLUGWRIGHT_PROGRAMS", built::folder());
    process::run(tests.args(["test", "./..."]))?;
    // What is below has no goroutines of its own.
    process::run(native(&go, &sdk).args(["test", "-race", "."]).env("CGO_ENABLED", "1"))
}

/// Checks the sources of one module that is for this machine.
///
/// # Errors
/// When they are not formatted, or a tool finds something suspicious in them.
pub(crate) fn check_sources(go: &Go, staticcheck: &Path, module: &Path) -> Result<()> {
    go_checks::check_format(&go_checks::gofmt(go)?, module)?;
    process::run(native(go, module).args(["vet", "./..."]))?;
    // It runs `go`, which may be known to this program alone.
    let mut lint = Command::new(staticcheck);
    if let Some(folder) = go.folder() {
        let others = env::var_os("PATH").unwrap_or_default();
        lint.env("PATH", env::join_paths(iter::once(folder.to_owned()).chain(env::split_paths(&others)))?);
    }
    process::run(lint.arg("./...").current_dir(module))
}

/// Go for this machine, in a module's folder.
pub(crate) fn native(go: &Go, module: &Path) -> Command {
    let mut command = go_checks::native(go);
    command.current_dir(module);
    command
}

/// The linter, which is installed if it is missing.
///
/// # Errors
/// When it cannot be installed.
pub(crate) fn staticcheck(cache: &Cache, go: &Go) -> Result<PathBuf> {
    // It understands the Go that it was built with, and none that is newer.
    let built_with = go.version().replace([' ', '/'], "-");
    let folder = cache.install(&format!("staticcheck-{STATICCHECK}-{built_with}"), |folder| {
        let package = format!("honnef.co/go/tools/cmd/staticcheck@{STATICCHECK}");
        process::run(go_checks::native(go).args(["install", &package]).env("GOBIN", folder))
    })?;
    Ok(folder.join("staticcheck"))
}
