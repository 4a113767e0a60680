//! The folder that toolchains are kept in, outside the checkout.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folder that holds one folder for each installed toolchain.
pub(crate) struct Cache {
    toolchains: PathBuf,
}

impl Cache {
    /// The user's cache folder: `$XDG_CACHE_HOME`, else `~/.cache`.
    ///
    /// # Errors
    /// When neither variable says where that is, or the folder cannot be made.
    pub(crate) fn open() -> Result<Self> {
        let base = env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| env::home_dir().map(|home| home.join(".cache")))
            .context("set HOME or XDG_CACHE_HOME: toolchains are kept in the user's cache folder")?;
        Self::at(&base.join("plugwright").join("toolchains"))
    }

    fn at(toolchains: &Path) -> Result<Self> {
        fs::create_dir_all(toolchains).with_context(|| format!("cannot make {}", toolchains.display()))?;
        Ok(Self { toolchains: toolchains.to_owned() })
    }

    /// A folder for what a tool itself wants to keep between runs.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.toolchains.join(name)
    }

    /// The folder of the toolchain `name` (the tool and its version), after `install` filled it if it was missing.
    ///
    /// `install` gets an empty folder, which takes its final name only when it succeeded: an interrupted
    /// installation is never mistaken for a complete one.
    ///
    /// # Errors
    /// Those of `install`, and when the folder cannot be made or renamed.
    pub(crate) fn install(&self, name: &str, install: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
        let folder = self.toolchains.join(name);
        if folder.is_dir() {
            return Ok(folder);
        }
        eprintln!("installing {name} into {}", self.toolchains.display());
        let partial = tempfile::Builder::new().prefix(".partial-").tempdir_in(&self.toolchains)?;
        install(partial.path()).with_context(|| format!("cannot install {name}"))?;
        match fs::rename(partial.path(), &folder) {
            // Somebody else may have finished the same installation meanwhile.
            Err(_) if folder.is_dir() => Ok(folder),
            Err(error) => Err(error).with_context(|| format!("cannot rename to {}", folder.display())),
            Ok(()) => Ok(folder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, fs};

    #[test]
    fn a_failed_installation_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let failed = cache.install("tool-1", |path| {
            fs::write(path.join("half"), "")?;
            anyhow::bail!("the network is down")
        });
        assert_eq!(format!("{:#}", failed.unwrap_err()), "cannot install tool-1: the network is down");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_toolchain_is_installed_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let first = cache.install("tool-1", |path| Ok(fs::write(path.join("tool"), "it")?)).unwrap();
        assert_eq!(fs::read_to_string(first.join("tool")).unwrap(), "it");
        let second = cache.install("tool-1", |_| anyhow::bail!("installed twice")).unwrap();
        assert_eq!(first, second);
    }
}
