//! Python, with the packages that a lock file names.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::process;

/// What packages in machine code are made for; the oldest version that the sources are checked for is 3.10.
const ABI: &str = "import sys, sysconfig; assert sys.version_info >= (3, 10); print(sysconfig.get_platform(), sys.implementation.cache_tag)";

/// This machine's Python, which finds some more packages.
pub(crate) struct Python {
    packages: PathBuf,
    bytecode: PathBuf,
}

impl Python {
    /// Installs what the lock file says, into a folder named after `name`.
    pub(crate) fn set_up(cache: &Cache, name: &str, lock: &Path) -> Result<Self> {
        let abi = process::output(Command::new("python3").args(["-c", ABI]))
            .context("Python 3.10 or later is needed, with pip")?;
        let mut hasher = DefaultHasher::new();
        abi.hash(&mut hasher);
        fs::read(lock).with_context(|| format!("cannot read {}", lock.display()))?.hash(&mut hasher);
        let packages = cache.install(&format!("{name}-{:016x}", hasher.finish()), |folder| {
            let mut pip = Command::new("python3");
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
            pip.args(["--no-compile", "--only-binary=:all:", "--root-user-action=ignore"]);
            process::run(pip.arg("--target").arg(folder).arg("--requirement").arg(lock))
        })?;
        Ok(Self { packages, bytecode: cache.scratch("python-bytecode") })
    }

    /// The interpreter. What the user has installed elsewhere, it does not see.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("python3");
        command.env("PYTHONPATH", &self.packages).env("PYTHONNOUSERSITE", "1");
        // Not beside the sources.
        command.env("PYTHONPYCACHEPREFIX", &self.bytecode);
        command
    }

    /// The folder with the packages.
    pub(crate) fn packages(&self) -> &Path {
        &self.packages
    }
}
