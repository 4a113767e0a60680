//! Guests in Rust: one package each.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::guests::Builder;
use crate::toolchain::{PLAIN, Rust, WASI};
use crate::{process, repository};

impl Builder for Rust {
    fn version(&self) -> &str {
        self.version()
    }

    fn build(&self, sources: &Path, output: &Path) -> Result<()> {
        let workspace = Workspace::new(self, sources, "rust");
        for packages in by_target(workspace.packages()?) {
            workspace.build(&packages, &["--locked"], output)?;
        }
        Ok(())
    }
}

/// A Cargo workspace of guests.
pub(super) struct Workspace<'a> {
    rust: &'a Rust,
    folder: &'a Path,
    group: &'a str,
}

impl<'a> Workspace<'a> {
    /// The workspace in `folder`, of which `<package>.wasm` becomes `<group>_<package>.wasm`.
    pub(super) fn new(rust: &'a Rust, folder: &'a Path, group: &'a str) -> Self {
        Self { rust, folder, group }
    }

    /// The names of the packages: each is that of its folder.
    pub(super) fn packages(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.folder)? {
            let entry = entry?;
            if entry.path().join("Cargo.toml").is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Builds packages together, for the target that the name of the first says. They share the features of what they depend on.
    pub(super) fn build(&self, packages: &[String], options: &[&str], output: &Path) -> Result<()> {
        let Some(first) = packages.first() else { return Ok(()) };
        let target = if is_wasi(first) { WASI } else { PLAIN };
        let folder = target_folder(self.group);
        let mut cargo = self.rust.cargo();
        cargo.args(["build", "--quiet", "--release", "--target", target]).args(options);
        cargo.args(packages.iter().flat_map(|package| ["--package", package]));
        process::run(cargo.current_dir(self.folder).env("CARGO_TARGET_DIR", &folder))?;
        for package in packages {
            let built = folder.join(target).join("release").join(format!("{package}.wasm"));
            fs::copy(&built, output.join(format!("{}_{package}.wasm", self.group)))
                .with_context(|| format!("cannot copy {}", built.display()))?;
        }
        Ok(())
    }
}

/// Where Cargo builds a group. Packages of several groups have the same names, and would take each other's place.
fn target_folder(group: &str) -> PathBuf {
    repository::target().join("guests").join(group)
}

/// The packages for each of the two targets.
pub(super) fn by_target(packages: Vec<String>) -> [Vec<String>; 2] {
    let (wasi, plain) = packages.into_iter().partition(|package| is_wasi(package));
    [plain, wasi]
}

fn is_wasi(package: &str) -> bool {
    package.starts_with("wasi_")
}
