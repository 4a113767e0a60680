//! The programs in `benches/js`: one builds and calls plug-ins, the other runs scripts in native QuickJS.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::js::inputs::Case;
use crate::{process, repository};

/// The packages, which are programs of the same names.
const PLUGIN: &str = "benches-js-plugin";
const NATIVE: &str = "benches-js-native";

/// The folder of what is built.
pub(super) struct Programs(PathBuf);

/// A plug-in that was built, and its size in bytes.
pub(super) struct Built {
    pub(super) path: PathBuf,
    pub(super) bytes: f64,
    pub(super) gzipped: f64,
}

impl Programs {
    /// Builds both.
    ///
    /// # Errors
    /// When that fails.
    pub(super) fn build() -> Result<Self> {
        // One after the other, each with its own choice of features: the first then shares what our packages are built from.
        for package in [PLUGIN, NATIVE] {
            let mut cargo = repository::cargo();
            cargo.args(["build", "--release", "--locked", "--manifest-path", "benches/js/Cargo.toml"]);
            cargo.args(["--package", package, "--target-dir"]).arg(repository::target());
            process::run(&mut cargo)?;
        }
        Ok(Self(repository::target().join("release")))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = repository::command(self.0.join(program));
        // It makes libraries in Rust capture a backtrace with each error.
        command.env_remove("RUST_BACKTRACE");
        command
    }

    /// Builds a plug-in into a folder.
    ///
    /// # Errors
    /// When that fails.
    pub(super) fn write(&self, script: &str, folder: &Path) -> Result<Built> {
        let path = folder.join(script).with_extension("wasm");
        let mut write = self.command(PLUGIN);
        let sizes = process::output(write.arg("write").arg(source(script)).arg(&path))?;
        let (bytes, gzipped) = sizes.split_once(' ').context("there must be two sizes")?;
        Ok(Built { path, bytes: bytes.parse()?, gzipped: gzipped.parse()? })
    }

    /// Builds it again and again.
    pub(super) fn builds(&self, script: &str, times: u64) -> Command {
        let mut command = self.command(PLUGIN);
        command.arg("build").arg(source(script)).arg(times.to_string());
        command
    }

    /// Makes an instance for each call.
    pub(super) fn first_calls(&self, plugin: &Path, case: &Case, times: u64) -> Command {
        let mut command = self.command(PLUGIN);
        command.arg("first").arg(plugin);
        case.append(command, times)
    }

    /// Calls one instance.
    pub(super) fn calls(&self, plugin: &Path, case: &Case, times: u64) -> Command {
        let mut command = self.command(PLUGIN);
        command.arg("call").arg(plugin);
        case.append(command, times)
    }

    /// Calls a script in native QuickJS.
    pub(super) fn native(&self, script: &str, case: &Case, times: u64) -> Command {
        let mut command = self.command(NATIVE);
        command.arg(source(script));
        case.append(command, times)
    }
}

fn source(script: &str) -> PathBuf {
    repository::root().join("benches").join("js").join("scripts").join(script)
}
