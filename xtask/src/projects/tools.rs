//! What the commands of a project's README need on this machine.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cache::Cache;
use crate::toolchain::{AssemblyScript, Clang, Go, Rust, Zig};
use crate::{built, link_folder, repository};

/// The toolchains of all languages.
pub(super) struct Tools {
    rust: Rust,
    go: Go,
    zig: Zig,
    clang: Clang,
    assemblyscript: AssemblyScript,
}

impl Tools {
    /// Installs those that are missing.
    pub(super) fn set_up() -> Result<Self> {
        let cache = Cache::open()?;
        Ok(Self {
            rust: Rust::set_up(&cache)?,
            go: Go::set_up(&cache)?,
            zig: Zig::set_up(&cache)?,
            clang: Clang::set_up(&cache)?,
            assemblyscript: AssemblyScript::set_up(&cache)?,
        })
    }

    /// A shell that runs a command, for which `plugwright` is the one that was built from this checkout.
    pub(super) fn shell(&self, command: &str) -> Result<Command> {
        let path = env::var_os("PATH").unwrap_or_default();
        let own = [
            Some(built::folder()),
            self.go.folder().map(Path::to_path_buf),
            Some(self.zig.folder()),
            self.clang.folder(),
        ];
        let mut shell = repository::command("sh");
        shell.args(["-euc", command]);
        shell.env("PATH", env::join_paths(own.into_iter().flatten().chain(env::split_paths(&path)))?);
        shell.envs(self.zig.variables());
        // No toolchain but the one that is there, and no packages but those that a project carries.
        shell.env("GOTOOLCHAIN", "local").env("GOWORK", "off").env("GOFLAGS", "").env("GOPROXY", "off");
        // What projects have in common is compiled once.
        shell.env("CARGO_TARGET_DIR", scratch()).env("PLUGWRIGHT_CACHE_DIR", scratch().join("compiled"));
        Ok(shell)
    }

    /// The same, with the compiler of Rust plug-ins. What runs on this machine itself is compiled by its own.
    pub(super) fn building_shell(&self, command: &str) -> Result<Command> {
        let mut shell = self.shell(command)?;
        if !command.starts_with("cargo") {
            shell.envs(self.rust.variables());
        }
        Ok(shell)
    }

    /// The same, where clang can be started.
    pub(super) fn clang_shell(&self, command: &str) -> Result<Command> {
        let mut shell = self.shell(command)?;
        shell.envs(self.clang.variables());
        Ok(shell)
    }

    /// Gives a project the packages that `npm install` would, without asking the network again.
    pub(super) fn install_packages(&self, project: &Path) -> Result<()> {
        link_folder::link_each(self.assemblyscript.modules(), &project.join("node_modules"))
    }
}

/// Where what is built of projects is kept between runs.
pub(super) fn scratch() -> PathBuf {
    repository::target().join("projects")
}
