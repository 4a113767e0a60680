//! The AssemblyScript compiler and the packages that the guests import.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::{process, repository};

const DESCRIPTION: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// An installed compiler, with the packages that the lock file names.
pub(crate) struct AssemblyScript {
    modules: PathBuf,
    version: String,
}

impl AssemblyScript {
    /// Installs what the guests' lock file says.
    pub(crate) fn set_up(cache: &Cache) -> Result<Self> {
        let sources = repository::guests().join("as");
        let mut hasher = DefaultHasher::new();
        for file in DESCRIPTION {
            let path = sources.join(file);
            fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?.hash(&mut hasher);
        }
        let version = format!("assemblyscript-{:016x}", hasher.finish());
        let folder = cache.install(&version, |folder| {
            for file in DESCRIPTION {
                fs::copy(sources.join(file), folder.join(file))?;
            }
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
            process::run(npm.current_dir(folder)).context("AssemblyScript needs node 20 or later, with npm")
        })?;
        Ok(Self { modules: folder.join("node_modules"), version })
    }

    /// What to tell apart builds by.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The folder with the packages, `node_modules`.
    pub(crate) fn modules(&self) -> &Path {
        &self.modules
    }

    /// The compiler, told where the packages are.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("node");
        command.arg(self.modules.join("assemblyscript").join("bin").join("asc.js"));
        command.arg("--path").arg(&self.modules);
        command
    }
}
