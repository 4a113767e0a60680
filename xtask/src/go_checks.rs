//! Checks of the Go sources in the repository, and the tests of the Go PDK.

mod page;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cache::Cache;
use crate::toolchain::Go;
use crate::{process, repository};

/// Where the modules of plug-ins are, which compile for WebAssembly alone.
const PLUG_INS: [&str; 2] = ["guests", "examples/plugins"];

/// Folders that tools fill.
const NOT_SOURCES: [&str; 3] = ["build", "target", "node_modules"];

const PDK: &str = "pdks/go";

/// Plug-ins that are tested as their authors would.
const TESTED_PLUG_INS: &str = "guests/go_pdk";

/// Checks the format of the Go sources, looks for suspicious constructs in them, and runs the tests of the PDK.
///
/// # Errors
/// When Go cannot be installed, or one of the checks or tests fails.
pub(crate) fn check() -> Result<()> {
    let go = Go::set_up(&Cache::open()?)?;
    let root = repository::root();
    let pdk = root.join(PDK);
    // The second has the name of the public PDK, and is a module of its own for that.
    let mut modules = vec![pdk.clone(), pdk.join("extism")];
    for folder in PLUG_INS.map(|folder| root.join(folder)).iter().filter(|folder| folder.is_dir()) {
        find_modules(folder, &mut modules).with_context(|| format!("cannot read {}", folder.display()))?;
    }
    let gofmt = gofmt(&go)?;
    for module in modules {
        check_format(&gofmt, &module)?;
        process::run(go.command().args(["vet", "./..."]).current_dir(&module))?;
    }
    process::run(go.command().args(["vet", "-tags=plugwright_bulk", "./..."]).current_dir(&pdk))?;
    process::run(native(&go).args(["vet", "./..."]).current_dir(&pdk))?;
    for module in [&pdk, &root.join(TESTED_PLUG_INS)] {
        process::run(native(&go).args(["test", "./..."]).current_dir(module))?;
    }
    page::check(&go, &pdk)
}

/// The formatter that comes with Go.
///
/// # Errors
/// When Go cannot tell where it is.
pub(crate) fn gofmt(go: &Go) -> Result<PathBuf> {
    let root = process::output(go.command().args(["env", "GOROOT"]))?;
    Ok(PathBuf::from(root).join("bin").join("gofmt"))
}

/// Go, told to build for this machine.
pub(crate) fn native(go: &Go) -> Command {
    let mut command = go.command();
    command.env_remove("GOOS").env_remove("GOARCH");
    command
}

/// Adds the folders of the Go modules below `folder`. A module has none within.
fn find_modules(folder: &Path, modules: &mut Vec<PathBuf>) -> io::Result<()> {
    if folder.join("go.mod").is_file() {
        modules.push(folder.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && !NOT_SOURCES.iter().any(|name| entry.file_name() == *name) {
            find_modules(&entry.path(), modules)?;
        }
    }
    Ok(())
}

/// Fails when a file is not formatted.
///
/// # Errors
/// When that is so, or the formatter cannot be run.
pub(crate) fn check_format(gofmt: &Path, module: &Path) -> Result<()> {
    let unformatted = process::output(Command::new(gofmt).arg("-l").arg(module))?;
    if !unformatted.is_empty() {
        bail!("not formatted, run gofmt -w on:\n{unformatted}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{find_modules, fs};

    #[test]
    fn modules_are_found() {
        let root = tempfile::tempdir().unwrap();
        for module in ["a/b", "c", "c/within", "target/built"] {
            fs::create_dir_all(root.path().join(module)).unwrap();
            fs::write(root.path().join(module).join("go.mod"), "").unwrap();
        }
        let mut modules = Vec::new();
        find_modules(root.path(), &mut modules).unwrap();
        modules.sort();
        assert_eq!(modules, [root.path().join("a").join("b"), root.path().join("c")]);
    }
}
