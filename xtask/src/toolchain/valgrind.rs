//! Valgrind, whose callgrind counts instructions.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::process;
use crate::toolchain::apt::Apt;

/// Counts the changes of this recipe.
const NAME: &str = "valgrind-debian-1";

/// A Valgrind: that of this machine when there is one.
pub(crate) struct Valgrind {
    /// Where it was unpacked.
    root: Option<PathBuf>,
    version: String,
}

impl Valgrind {
    /// Looks for Valgrind on this machine, and installs Debian's when there is none.
    pub(crate) fn set_up(cache: &Cache) -> Result<Self> {
        // A missing Valgrind is no error.
        if let Ok(found) = Command::new("valgrind").arg("--version").output()
            && found.status.success()
        {
            let version = String::from_utf8_lossy(&found.stdout).trim().to_owned();
            return Ok(Self { root: None, version });
        }
        let root = cache
            .install(NAME, |root| {
                let work = tempfile::tempdir()?;
                let apt = Apt::new(&work.path().join("apt"))?;
                apt.unpack(&["valgrind"], &work.path().join("packages"), root)
            })
            .context("install valgrind with this system's packages")?;
        let mut valgrind = Self { root: Some(root), version: String::new() };
        valgrind.version = process::output(valgrind.command().arg("--version"))?;
        Ok(valgrind)
    }

    /// What to tell apart counts by.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The `valgrind` command. What it runs sees none of this process's variables, some of which change what a
    /// program does: `RUST_BACKTRACE`.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(self.program("valgrind"));
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        if let Some(root) = &self.root {
            command.env("VALGRIND_LIB", root.join("usr/libexec/valgrind"));
        }
        command
    }

    /// The program that shows where instructions are spent.
    pub(crate) fn annotate(&self) -> PathBuf {
        self.program("callgrind_annotate")
    }

    fn program(&self, name: &str) -> PathBuf {
        self.root.as_ref().map_or_else(|| name.into(), |root| root.join("usr/bin").join(name))
    }
}
