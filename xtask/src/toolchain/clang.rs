//! Clang, which compiles C to WebAssembly without any other library.

use std::path::PathBuf;
use std::process::Command;
use std::{env, iter};

use anyhow::{Context, Result, bail};

use crate::cache::Cache;
use crate::toolchain::apt::Apt;

/// Counts the changes of this recipe.
const NAME: &str = "clang-debian-1";
const PACKAGES: [&str; 3] = ["clang-19", "lld-19", "libclang-rt-19-dev-wasm32"];

/// The oldest release that is used, and one that will not come soon: programs may have the release in their names.
const RELEASES: std::ops::Range<u32> = 14..40;

/// A Clang with the linker `wasm-ld`: that of this machine when there is one.
pub(crate) struct Clang {
    program: PathBuf,
    /// Where it was unpacked.
    root: Option<PathBuf>,
    version: String,
}

impl Clang {
    /// Looks for a Clang on this machine that makes WebAssembly, and installs Debian's when there is none.
    pub(crate) fn set_up(cache: &Cache) -> Result<Self> {
        let names = RELEASES.rev().map(|release| format!("clang-{release}"));
        let found =
            iter::once("clang".to_owned()).chain(names).find_map(|name| Self::at(name.into(), None).ok());
        if let Some(clang) = found {
            return Ok(clang);
        }
        let root = cache
            .install(NAME, |root| {
                let work = tempfile::tempdir()?;
                Apt::new(work.path())?.unpack_with_dependencies(&PACKAGES, root)
            })
            .context("install clang 14 or later, and lld, with this system's packages")?;
        Self::at(root.join("usr/lib/llvm-19/bin/clang"), Some(root))
    }

    /// The compiler `program`, if it is recent enough and makes WebAssembly: not each of them can.
    fn at(program: PathBuf, root: Option<PathBuf>) -> Result<Self> {
        let mut clang = Self { program, root, version: String::new() };
        // A missing Clang is no error, so what it writes is no news.
        let said = clang.command().arg("--version").output()?;
        clang.version = String::from_utf8_lossy(&said.stdout).lines().next().unwrap_or_default().to_owned();
        if release(&clang.version).is_none_or(|release| release < RELEASES.start) {
            bail!("{} is older than clang {}", clang.version, RELEASES.start);
        }
        let work = tempfile::tempdir()?;
        let mut empty = clang.command();
        empty.args([
            "--target=wasm32",
            "-nostdlib",
            "-Wl,--no-entry",
            "-x",
            "c",
            "/dev/null",
            "-o",
            "empty.wasm",
        ]);
        let tried = empty.current_dir(work.path()).output()?;
        if !tried.status.success() {
            bail!("{} makes no WebAssembly: {}", clang.version, String::from_utf8_lossy(&tried.stderr));
        }
        Ok(clang)
    }

    /// What to tell apart builds by.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The compiler.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // Debian's compiler looks for its linker by name.
        if let Some(folder) = self.folder() {
            let others = env::var_os("PATH").unwrap_or_default();
            let folders = iter::once(folder).chain(env::split_paths(&others));
            command.envs(env::join_paths(folders).map(|path| ("PATH", path)));
        }
        command.envs(self.variables());
        command
    }

    /// The folder with the compiler and its linker, unless they are on the `PATH` already.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        self.root.as_ref().map(|root| root.join("usr/bin"))
    }

    /// The environment variables that both need to start.
    pub(crate) fn variables(&self) -> Option<(&'static str, PathBuf)> {
        self.root.as_ref().map(|root| ("LD_LIBRARY_PATH", root.join("usr/lib/x86_64-linux-gnu")))
    }
}

/// The first number of the version that `clang --version` says.
fn release(answer: &str) -> Option<u32> {
    let version = answer.split_whitespace().skip_while(|word| *word != "version").nth(1)?;
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::release;

    #[test]
    fn releases_are_understood() {
        assert_eq!(release("Debian clang version 19.1.7 (3~deb12u1)"), Some(19));
        assert_eq!(release("clang version 21.1.0"), Some(21));
        assert_eq!(release("Apple clang version 16.0.0 (clang-1600.0.26.6)"), Some(16));
        assert_eq!(release("gcc (Debian 12.2.0) 12.2.0"), None);
        assert_eq!(release(""), None);
    }
}
