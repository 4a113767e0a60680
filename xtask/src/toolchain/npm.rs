//! Packages of npm, as a lock file names them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::process;

const DESCRIPTION: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// Installed packages.
pub(crate) struct Npm {
    modules: PathBuf,
    version: String,
}

impl Npm {
    /// Installs what the lock file in `folder` says, into a folder named after `name`. No package runs a script of its own then.
    ///
    /// # Errors
    /// When the folder has no lock file, or npm fails.
    pub(crate) fn set_up(cache: &Cache, name: &str, folder: &Path) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for file in DESCRIPTION {
            let path = folder.join(file);
            fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?.hash(&mut hasher);
        }
        let version = format!("{name}-{:016x}", hasher.finish());
        let installed = cache.install(&version, |installed| {
            for file in DESCRIPTION {
                fs::copy(folder.join(file), installed.join(file))?;
            }
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
            process::run(npm.current_dir(installed))
                .with_context(|| format!("{name} needs node 20 or later, with npm"))
        })?;
        Ok(Self { modules: installed.join("node_modules"), version })
    }

    /// What to tell apart builds by.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The folder with the packages, `node_modules`.
    pub(crate) fn modules(&self) -> &Path {
        &self.modules
    }
}
