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
        Self::set_up_beside(cache, name, folder, &[])
    }

    /// The same, with other files of `folder` beside the packages, which import some of them.
    ///
    /// # Errors
    /// Those of [`set_up`](Self::set_up), and when one of the files is not there.
    pub(crate) fn set_up_beside(cache: &Cache, name: &str, folder: &Path, files: &[&str]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        let files = || DESCRIPTION.iter().chain(files);
        for file in files() {
            let path = folder.join(file);
            fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?.hash(&mut hasher);
        }
        let version = format!("{name}-{:016x}", hasher.finish());
        let installed = cache.install(&version, |installed| {
            for file in files() {
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
