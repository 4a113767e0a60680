//! Files and folders.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Copies the files of a folder into another one; folders in it are left where they are.
///
/// # Errors
/// When one cannot be read or written.
pub(crate) fn copy_all(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// An empty folder, whatever it was before.
///
/// # Errors
/// When it cannot be emptied or made.
pub(crate) fn empty_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}
