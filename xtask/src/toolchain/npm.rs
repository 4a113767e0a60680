//! Packages from npm, as a lock file names them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::process;

const DESCRIPTION: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// Packages that are installed.
pub(crate) struct Packages {
    modules: PathBuf,
    version: String,
}

impl Packages {
    /// Installs what the lock file in `sources` says; `name` tells such folders apart.
    pub(crate) fn set_up(cache: &Cache, name: &str, sources: &Path) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for file in DESCRIPTION {
            let path = sources.join(file);
            fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?.hash(&mut hasher);
        }
        let version = format!("{name}-{:016x}", hasher.finish());
        let folder = cache.install(&version, |folder| {
            for file in DESCRIPTION {
                fs::copy(sources.join(file), folder.join(file))?;
            }
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
            process::run(npm.current_dir(folder))
                .with_context(|| format!("{name} needs node 20 or later, with npm"))
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
}
