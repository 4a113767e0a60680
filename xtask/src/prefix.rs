//! The C library, installed in a temporary folder, as a program finds it that is built with it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{capi, process};

/// The development build of the C library, installed under both of its names. It lives as long as this.
pub(crate) struct Prefix {
    folder: TempDir,
}

impl Prefix {
    /// Builds the library and installs it.
    ///
    /// # Errors
    /// When it cannot be built or installed.
    pub(crate) fn install() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        capi::install(&capi::InstallOptions::for_tests(folder.path()))?;
        Ok(Self { folder })
    }

    /// The folder with the libraries.
    pub(crate) fn libraries(&self) -> PathBuf {
        self.folder.path().join("lib")
    }

    /// Lets a program, and the compiler that makes it, find the library here. As on most machines, errors capture no backtrace.
    pub(crate) fn serve<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("PKG_CONFIG_PATH", before("PKG_CONFIG_PATH", &self.libraries().join("pkgconfig")))
            .env("LD_LIBRARY_PATH", before("LD_LIBRARY_PATH", &self.libraries()))
            .env_remove("RUST_BACKTRACE")
    }

    /// The program that the C compiler makes from `source`: of C99, without a warning.
    ///
    /// # Errors
    /// When it cannot be compiled.
    pub(crate) fn compile(&self, source: &Path, options: &[&str], program: &Path) -> Result<()> {
        let flags = process::output(self.serve(&mut Command::new("pkg-config")).args([
            "--cflags",
            "--libs",
            "plugwright",
        ]))
        .context("pkg-config is needed")?;
        compile(source, &[options, &flags.split_whitespace().collect::<Vec<_>>()].concat(), program)
    }
}

/// Compiles a program of C99 with what POSIX adds, without a warning.
///
/// # Errors
/// When it cannot be compiled.
pub(crate) fn compile(source: &Path, options: &[&str], program: &Path) -> Result<()> {
    let mut compiler = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    compiler.args(["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]);
    compiler.args(["-O2", "-g", "-pthread"]).arg(source).arg("-o").arg(program).args(options);
    process::run(&mut compiler)
}

/// The variable's value, with `folder` before it.
fn before(variable: &str, folder: &Path) -> OsString {
    let mut value = folder.as_os_str().to_owned();
    if let Some(others) = env::var_os(variable).filter(|others| !others.is_empty()) {
        value.push(":");
        value.push(others);
    }
    value
}
