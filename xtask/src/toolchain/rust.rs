//! Rust for WebAssembly: the installed compiler with two more targets.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::cache::Cache;
use crate::toolchain::debian_rust;
use crate::{process, repository};

/// A plug-in without WASI.
pub(crate) const PLAIN: &str = "wasm32-unknown-unknown";
/// A plug-in with WASI preview 1.
pub(crate) const WASI: &str = "wasm32-wasip1";

/// Forces one way of getting the targets: `rustup` or `debian`.
const CHOICE: &str = "PLUGWRIGHT_RUST_GUESTS";
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// A Rust compiler with both targets.
pub(crate) struct Rust {
    version: String,
    variables: Vec<(String, PathBuf)>,
}

impl Rust {
    /// Adds the targets to the installed compiler when they are missing; when that fails, installs another compiler.
    pub(crate) fn set_up(cache: &Cache) -> Result<Self> {
        let choice = env::var(CHOICE).unwrap_or_default();
        match choice.as_str() {
            "rustup" => Self::installed(),
            "debian" => Self::debian(cache),
            "" => Self::installed().or_else(|error| {
                eprintln!("{error:#}\ntrying Debian's compiler instead");
                Self::debian(cache)
            }),
            other => bail!("{CHOICE} is {other:?}: it must be rustup or debian, or not be set"),
        }
    }

    fn installed() -> Result<Self> {
        let sysroot = sysroot()?;
        let missing = |target: &&str| !sysroot.join("lib/rustlib").join(target).join("lib").is_dir();
        let missing: Vec<&str> = [PLAIN, WASI].into_iter().filter(missing).collect();
        if !missing.is_empty() {
            process::run_within(RUSTUP_LIMIT, Command::new("rustup").args(["target", "add"]).args(missing))?;
        }
        Ok(Self { version: process::output(Command::new("rustc").arg("--version"))?, variables: Vec::new() })
    }

    fn debian(cache: &Cache) -> Result<Self> {
        let root = debian_rust::install(cache)?;
        let linker = linker(&sysroot()?)?;
        let mut variables = debian_rust::variables(&root);
        for target in [PLAIN, WASI] {
            let target = target.replace('-', "_").to_uppercase();
            variables.push((format!("CARGO_TARGET_{target}_LINKER"), linker.clone()));
        }
        let mut rustc = Command::new(debian_rust::rustc(&root));
        let version = process::output(rustc.arg("--version").envs(variables.iter().map(|(k, v)| (k, v))))?;
        Ok(Self { version, variables })
    }

    /// What to tell apart builds by.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Cargo, told to use this compiler.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = repository::cargo();
        command.envs(self.variables());
        command
    }

    /// The environment variables that make any cargo use this compiler.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_path()))
    }
}

fn sysroot() -> Result<PathBuf> {
    Ok(process::output(Command::new("rustc").args(["--print", "sysroot"]))?.into())
}

/// The linker that comes with rustup's compiler.
fn linker(sysroot: &Path) -> Result<PathBuf> {
    let host = process::output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let linker = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    if !linker.is_file() {
        bail!("there is no linker at {}: install Rust by rustup", linker.display());
    }
    Ok(linker)
}
