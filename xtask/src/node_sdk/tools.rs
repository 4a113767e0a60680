//! The programs that check the package: eslint and TypeScript, as the lock file names them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::process;

/// What describes them; eslint's configuration imports packages, which it finds beside itself.
const DESCRIPTION: [&str; 4] = ["package.json", "package-lock.json", ".npmrc", CONFIGURATION];
const CONFIGURATION: &str = "eslint.config.mjs";

/// Installed tools.
pub(super) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Installs what the lock file in `sources` says.
    pub(super) fn set_up(cache: &Cache, sources: &Path) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for file in DESCRIPTION {
            let path = sources.join(file);
            fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?.hash(&mut hasher);
        }
        let folder = cache.install(&format!("node-sdk-{:016x}", hasher.finish()), |folder| {
            for file in DESCRIPTION {
                fs::copy(sources.join(file), folder.join(file))?;
            }
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
            process::run(npm.current_dir(folder)).context("the Node.js SDK needs node 20 or later, with npm")
        })?;
        Ok(Self { folder })
    }

    /// Checks the JavaScript in a folder.
    pub(super) fn lint(&self, sources: &Path) -> Result<()> {
        let mut eslint = self.program(&["eslint", "bin", "eslint.js"]);
        eslint.arg("--config").arg(self.folder.join(CONFIGURATION)).args(["--max-warnings", "0", "."]);
        process::run(eslint.current_dir(sources))
    }

    /// Checks the types of a TypeScript project.
    pub(super) fn check_types(&self, project: &Path) -> Result<()> {
        let mut tsc = self.program(&["typescript", "bin", "tsc"]);
        tsc.arg("--project").arg(project).arg("--typeRoots").arg(self.modules().join("@types"));
        process::run(&mut tsc)
    }

    fn modules(&self) -> PathBuf {
        self.folder.join("node_modules")
    }

    fn program(&self, path: &[&str]) -> Command {
        let mut command = Command::new("node");
        command.arg(path.iter().fold(self.modules(), |folder, part| folder.join(part)));
        command
    }
}
