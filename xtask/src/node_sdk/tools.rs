//! The programs that check the package: eslint and TypeScript, as the lock file names them.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::cache::Cache;
use crate::process;
use crate::toolchain::Npm;

/// eslint's configuration, which imports packages.
const CONFIGURATION: &str = "eslint.config.mjs";

/// Installed tools.
pub(super) struct Tools {
    npm: Npm,
}

impl Tools {
    /// Installs what the lock file in `sources` says.
    pub(super) fn set_up(cache: &Cache, sources: &Path) -> Result<Self> {
        Ok(Self { npm: Npm::set_up_beside(cache, "node-sdk", sources, &[CONFIGURATION])? })
    }

    /// Checks the JavaScript in a folder.
    pub(super) fn lint(&self, sources: &Path) -> Result<()> {
        let mut eslint = self.program(&["eslint", "bin", "eslint.js"]);
        eslint.arg("--config").arg(self.npm.modules().with_file_name(CONFIGURATION));
        process::run(eslint.args(["--max-warnings", "0", "."]).current_dir(sources))
    }

    /// Checks the types of a TypeScript project.
    pub(super) fn check_types(&self, project: &Path) -> Result<()> {
        let mut tsc = self.program(&["typescript", "bin", "tsc"]);
        tsc.arg("--project").arg(project).arg("--typeRoots").arg(self.npm.modules().join("@types"));
        process::run(&mut tsc)
    }

    /// The folder with the packages.
    pub(super) fn modules(&self) -> &Path {
        self.npm.modules()
    }

    fn program(&self, path: &[&str]) -> Command {
        let mut command = Command::new("node");
        command.arg(path.iter().fold(self.npm.modules().to_owned(), |folder, part| folder.join(part)));
        command
    }
}
