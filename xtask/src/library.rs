//! The C library, built from this checkout.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::{process, repository};

/// Builds the library as the tests are built, and returns its path.
///
/// # Errors
/// When it cannot be built.
pub(crate) fn build() -> Result<PathBuf> {
    build_with(&[], "debug")
}

/// Builds the library as it is released, and returns its path.
///
/// # Errors
/// When it cannot be built.
pub(crate) fn build_release() -> Result<PathBuf> {
    build_with(&["--release"], "release")
}

fn build_with(arguments: &[&str], folder: &str) -> Result<PathBuf> {
    process::run(
        repository::cargo().args(["build", "--quiet", "--package", "plugwright-capi"]).args(arguments),
    )?;
    let library = repository::target().join(folder).join(format!("{DLL_PREFIX}plugwright{DLL_SUFFIX}"));
    ensure!(library.is_file(), "{} was not built", library.display());
    Ok(library)
}
