//! Stub until the other branch is merged.
use anyhow::Result;
use std::path::{Path, PathBuf};
pub(crate) const PACKAGE: &str = "plugwright-node";
pub(crate) const NAME: &str = "plugwright";
pub(crate) fn stage() -> Result<PathBuf> {
    stage_release(Path::new(""))
}
pub(crate) fn stage_release(_: &Path) -> Result<PathBuf> {
    Ok(crate::repository::root().join("sdks/node"))
}
