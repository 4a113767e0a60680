//! The AssemblyScript compiler and the packages that the guests import.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::cache::Cache;
use crate::repository;
use crate::toolchain::Npm;

/// An installed compiler, with the packages that the lock file names.
pub(crate) struct AssemblyScript(Npm);

impl AssemblyScript {
    /// Installs what the guests' lock file says.
    pub(crate) fn set_up(cache: &Cache) -> Result<Self> {
        Npm::set_up(cache, "assemblyscript", &repository::guests().join("as")).map(Self)
    }

    /// What to tell apart builds by.
    pub(crate) fn version(&self) -> &str {
        self.0.version()
    }

    /// The folder with the packages, `node_modules`.
    pub(crate) fn modules(&self) -> &Path {
        self.0.modules()
    }

    /// The compiler, told where the packages are.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("node");
        command.arg(self.modules().join("assemblyscript").join("bin").join("asc.js"));
        command.arg("--path").arg(self.modules());
        command
    }
}
