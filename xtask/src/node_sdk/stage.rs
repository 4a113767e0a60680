//! The package as it is installed: the sources with the addon that a build made.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{built, repository};

/// What the package consists of, beside the addon.
const PARTS: [&str; 6] =
    ["package.json", "index.d.ts", "index.d.mts", "classic.d.ts", "classic.d.mts", "lib"];

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
    fs::create_dir_all(&package)?;
    for part in PARTS {
        copy(&super::sources().join(part), &package.join(part))?;
    }
    copy(&super::sources().join("test"), &staged.join("test"))?;
    copy(&built.join(BUILT), &package.join(format!("plugwright.{PLATFORM}.node")))?;
    Ok(staged)
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
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
const BUILT: &str = if cfg!(windows) {
    "plugwright_node.dll"
} else if cfg!(target_os = "macos") {
    "libplugwright_node.dylib"
} else {
    "libplugwright_node.so"
};

/// What the package calls the platform, as napi-rs does.
const PLATFORM: &str = match (cfg!(target_os = "macos"), cfg!(windows), cfg!(target_env = "musl"), ARM) {
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
