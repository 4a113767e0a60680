//! Keeping the folder below its size.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{files, key};

/// A file that is still being written after this time was left by a process that died.
const ABANDONED: Duration = Duration::from_secs(3600);

struct Entry {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

/// Removes the entries that were not used for the longest time until the rest has at most `max_bytes`; never the one
/// called `keep`. Also removes what dead processes left. Files that are not the cache's are not touched.
pub(super) fn evict(dir: &Path, max_bytes: u64, keep: &str) -> io::Result<()> {
    let mut entries = Vec::new();
    let mut total: u64 = 0;
    for file in fs::read_dir(dir)? {
        let file = file?;
        // Another process may remove files meanwhile.
        let Ok(metadata) = file.metadata() else { continue };
        let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let name = file.file_name();
        let name = name.to_string_lossy();
        if files::is_temporary(&name) {
            if used.elapsed().is_ok_and(|age| age >= ABANDONED) {
                remove(&file.path());
            }
        } else if key::is_entry(&name) {
            total = total.saturating_add(metadata.len());
            if *name != *keep {
                entries.push(Entry { path: file.path(), bytes: metadata.len(), used });
            }
        }
    }
    entries.sort_by_key(|entry| entry.used);
    for entry in entries {
        if total <= max_bytes {
            break;
        }
        remove(&entry.path);
        total -= entry.bytes;
    }
    Ok(())
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::debug!(path = %path.display(), %error, "cannot remove a file of the compilation cache");
    }
}
