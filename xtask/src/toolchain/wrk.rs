//! wrk, which loads web servers.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::toolchain::apt::Apt;

/// Counts the changes of this recipe.
const NAME: &str = "wrk-debian-1";

/// Debian's wrk.
pub(crate) struct Wrk {
    root: PathBuf,
}

impl Wrk {
    /// Installs it.
    ///
    /// # Errors
    /// When the system is not Debian, or the package cannot be had.
    pub(crate) fn set_up(cache: &Cache) -> Result<Self> {
        let root = cache
            .install(NAME, |root| {
                let work = tempfile::tempdir()?;
                Apt::new(work.path())?.unpack_with_dependencies(&["wrk"], root)
            })
            .context("wrk comes from this system's packages")?;
        Ok(Self { root })
    }

    /// The program.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(self.root.join("usr/bin/wrk"));
        command.env("LD_LIBRARY_PATH", self.root.join("usr/lib/x86_64-linux-gnu"));
        command
    }
}
