//! The package as it is installed: the sources with the module that a build made.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{built, files, repository};

/// Puts the package, with the module that tests use, into a folder below the target folder, which it returns.
///
/// # Errors
/// When the module cannot be built, or a file cannot be copied.
pub(super) fn package() -> Result<PathBuf> {
    built::build()?;
    stage(&built::folder(), "python")
}

/// The same, with the module that was built in this folder as users get it.
///
/// # Errors
/// When a file cannot be copied.
pub(crate) fn release(built: &Path) -> Result<PathBuf> {
    stage(built, "python-release")
}

fn stage(built: &Path, name: &str) -> Result<PathBuf> {
    let staged = repository::target().join(name);
    let package = staged.join("plugwright");
    files::empty_folder(&package)?;
    files::copy_all(&super::sources().join("python").join("plugwright"), &package)?;
    let built = built.join(BUILT);
    fs::copy(&built, package.join(MODULE)).with_context(|| format!("cannot copy {}", built.display()))?;
    Ok(staged)
}

/// What Cargo calls the module.
const BUILT: &str = if cfg!(windows) {
    "plugwright_python.dll"
} else if cfg!(target_os = "macos") {
    "libplugwright_python.dylib"
} else {
    "libplugwright_python.so"
};

/// What Python calls it.
const MODULE: &str = if cfg!(windows) { "_native.pyd" } else { "_native.abi3.so" };
