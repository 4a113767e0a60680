//! The header of the C library, which is made from its sources.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};

use crate::repository;

/// The crate of the C library.
pub(super) fn folder() -> PathBuf {
    repository::root().join("crates/capi")
}

/// The folder of the headers.
pub(super) fn includes() -> PathBuf {
    folder().join("include")
}

fn path() -> PathBuf {
    includes().join("plugwright.h")
}

/// Writes the header as the sources have it.
///
/// # Errors
/// When it cannot be made or written.
pub(crate) fn write() -> Result<()> {
    let path = path();
    fs::write(&path, make()?).with_context(|| format!("cannot write {}", path.display()))
}

/// Compares the header with what the sources have.
///
/// # Errors
/// When it is another one.
pub(crate) fn check() -> Result<()> {
    let path = path();
    let header = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if header != make()? {
        bail!("{} is not what the sources have: run `cargo xtask header`", path.display());
    }
    Ok(())
}

fn make() -> Result<String> {
    let settings = folder().join("cbindgen.toml");
    let settings =
        cbindgen::Config::from_file(&settings).map_err(|error| anyhow!("cbindgen.toml: {error}"))?;
    // The sources alone: about a crate it would ask Cargo, which would fetch what other systems need.
    let builder = cbindgen::Builder::new().with_src(folder().join("src/lib.rs"));
    let bindings = builder.with_config(settings).generate().context("the header cannot be made")?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    Ok(String::from_utf8(header)?)
}
