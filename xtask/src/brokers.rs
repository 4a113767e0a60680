//! The servers that the tests of capabilities and triggers talk to.

use std::path::PathBuf;

use anyhow::Result;

use crate::cache::Cache;
use crate::toolchain::Brokers;

/// The variable by which tests learn where the servers are.
pub(crate) const VARIABLE: &str = "PLUGWRIGHT_TEST_SERVERS";

/// Installs the servers when they are missing.
///
/// # Errors
/// When they cannot be installed.
pub(crate) fn set_up() -> Result<()> {
    Brokers::set_up(&Cache::open()?)
}

/// The same, and says where they are.
///
/// # Errors
/// When they cannot be installed.
pub(crate) fn show() -> Result<()> {
    set_up()?;
    println!("{}", folder()?.display());
    Ok(())
}

/// The folder that the servers are in, or will be.
///
/// # Errors
/// When there is no cache folder.
pub(crate) fn folder() -> Result<PathBuf> {
    Ok(Brokers::folder(&Cache::open()?))
}
