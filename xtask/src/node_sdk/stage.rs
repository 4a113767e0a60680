//! The package as it is installed: the sources with the addon that a build made.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{built, repository};

/// What the package consists of, beside the addon.
const PARTS: [&str; 9] = [
    "README.md",
    "package.json",
    "index.d.ts",
    "index.d.mts",
    "classic.d.ts",
    "classic.d.mts",
    "remote.d.ts",
    "remote.d.mts",
    "lib",
];

/// Puts the package, with the addon that tests use, into the `node_modules` of a folder below the target folder, and the package's
/// tests beside that. Returns the folder.
///
/// # Errors
/// When the addon cannot be built, or a file cannot be copied.
pub(crate) fn package() -> Result<PathBuf> {
    built::build()?;
    stage(&built::folder(), "node")
}

/// The same, with the addon that was built in this folder as users get it.
///
/// # Errors
/// When a file cannot be copied.
pub(crate) fn release(built: &Path) -> Result<PathBuf> {
    stage(built, "node-release")
}

fn stage(built: &Path, name: &str) -> Result<PathBuf> {
    let staged = repository::target().join(name);
    let package = staged.join("node_modules").join("plugwright");
    for folder in [&package, &staged.join("test")] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    copy_package(&package)?;
    copy(&super::sources().join("test"), &staged.join("test"))?;
    copy(&built.join(BUILT), &package.join(format!("plugwright.{PLATFORM}.node")))?;
    Ok(staged)
}

/// Copies the package, without an addon.
pub(super) fn copy_package(to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    PARTS.iter().try_for_each(|part| copy(&super::sources().join(part), &to.join(part)))
}

/// The files with tests.
pub(super) fn tests(staged: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(staged.join("test"))? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| Path::new(stem).extension());
        if stem.is_some_and(|stem| stem == "test") {
            files.push(path);
        }
    }
    files.sort();
    ensure!(!files.is_empty(), "there are no tests in {}", staged.display());
    Ok(files)
}

/// Copies a file, or a folder with all that is in it.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// What Cargo calls the addon.
pub(super) const BUILT: &str = if cfg!(windows) {
    "plugwright_node.dll"
} else if cfg!(target_os = "macos") {
    "libplugwright_node.dylib"
} else {
    "libplugwright_node.so"
};

/// What the package calls the platform, as napi-rs does.
pub(super) const PLATFORM: &str =
    match (cfg!(target_os = "macos"), cfg!(windows), cfg!(target_env = "musl"), ARM) {
        (true, _, _, true) => "darwin-arm64",
        (true, _, _, false) => "darwin-x64",
        (_, true, _, true) => "win32-arm64-msvc",
        (_, true, _, false) => "win32-x64-msvc",
        (_, _, true, true) => "linux-arm64-musl",
        (_, _, true, false) => "linux-x64-musl",
        (_, _, _, true) => "linux-arm64-gnu",
        _ => "linux-x64-gnu",
    };

const ARM: bool = cfg!(target_arch = "aarch64");
