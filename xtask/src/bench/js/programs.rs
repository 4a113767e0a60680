//! Two programs: `crates/js-bench` builds and calls plug-ins, `benches/quickjs` runs scripts in native QuickJS.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::js::inputs::Case;
use crate::{built, process, repository};

/// The packages, which are programs of the same names.
const PLUGIN: &str = "js-bench";
const NATIVE: &str = "quickjs-bench";

/// The folder of the second.
const QUICKJS: &str = "benches/quickjs";

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
        let folder = built::build_release(&[PLUGIN])?;
        let mut cargo = repository::cargo();
        cargo.args(["build", "--release", "--locked", "--manifest-path"]);
        cargo.arg(Path::new(QUICKJS).join("Cargo.toml")).arg("--target-dir").arg(repository::target());
        process::run(&mut cargo)?;
        Ok(Self(folder))
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
        process::run(write.arg("write").arg(source(script)).arg(&path))?;
        let bytes = fs::metadata(&path)?.len() as f64;
        // As servers send it, and archives hold it.
        let gzipped =
            Command::new("gzip").args(["-9", "--stdout"]).arg(&path).output().context("gzip is needed")?;
        Ok(Built { path, bytes, gzipped: gzipped.stdout.len() as f64 })
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
    repository::root().join(QUICKJS).join("scripts").join(script)
}
