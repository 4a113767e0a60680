//! Links to folders: packages that lie in the cache, where a program looks for them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Makes the folder `to` with a link to all that lies in `from`.
///
/// # Errors
/// When it is there already, or a link cannot be made.
pub(crate) fn link_each(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        link(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Makes `to` a link to the folder `from`.
///
/// # Errors
/// When it cannot be made.
#[cfg(unix)]
pub(crate) fn link(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(from, to).with_context(|| format!("cannot make {}", to.display()))
}

/// Makes `to` a link to the folder `from`.
///
/// # Errors
/// When it cannot be made.
#[cfg(windows)]
pub(crate) fn link(from: &Path, to: &Path) -> Result<()> {
    std::os::windows::fs::symlink_dir(from, to).with_context(|| format!("cannot make {}", to.display()))
}
