//! Zig, which compiles C as well.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cache::Cache;
use crate::toolchain::pip_install;

const VERSION: &str = "0.17.0";

/// An installed Zig.
pub(crate) struct Zig {
    folder: PathBuf,
    cache: PathBuf,
}

impl Zig {
    /// Installs the one version that the guests are written for: the language still changes.
    pub(crate) fn set_up(cache: &Cache) -> Result<Self> {
        let package = format!("ziglang=={VERSION}");
        let folder = cache.install(&format!("zig-{VERSION}"), |folder| pip_install(&package, folder))?;
        Ok(Self { folder, cache: cache.scratch("zig-cache") })
    }

    /// What to tell apart builds by.
    pub(crate) fn version(&self) -> &str {
        VERSION
    }

    /// The compiler: add the subcommand.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(self.folder().join("zig"));
        command.envs(self.variables());
        command
    }

    /// The folder with the program.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.join("ziglang")
    }

    /// The environment variables that make any `zig` keep what it has compiled where this one does.
    pub(crate) fn variables(&self) -> [(&'static str, &Path); 2] {
        [("ZIG_GLOBAL_CACHE_DIR", &self.cache), ("ZIG_LOCAL_CACHE_DIR", &self.cache)]
    }
}
