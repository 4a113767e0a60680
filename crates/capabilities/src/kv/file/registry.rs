//! The files that this process has open: each once, whoever opens it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use tokio::sync::Semaphore;

use super::open::Open;
use super::snapshot::Snapshot;
use super::{File, Handle, MOST_THREADS, advice};
use crate::OpenError;
use crate::kv::commit::Committer;

/// By path. One of which nobody has more than this is being closed.
static OPEN: Mutex<BTreeMap<PathBuf, Weak<File>>> = Mutex::new(BTreeMap::new());
static CLOSED: Condvar = Condvar::new();

fn files() -> MutexGuard<'static, BTreeMap<PathBuf, Weak<File>>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens the store in this file, or gives the one that this process has open, for namespaces of at most so many bytes.
///
/// # Errors
///
/// When it cannot be opened.
pub(in crate::kv) fn open(path: &Path, most: u64) -> Result<Arc<Handle>, OpenError> {
    let refused =
        |reason: String| OpenError::new(format!("the key-value store `{}`", path.display()), reason);
    let exact = exact(path).map_err(|error| refused(format!("{error}; check the path")))?;
    let mut files = files();
    let file = loop {
        match files.get(&exact).map(Weak::upgrade) {
            Some(Some(file)) => break file,
            Some(None) => files = CLOSED.wait(files).unwrap_or_else(PoisonError::into_inner),
            None => {
                let database = Open::at(&exact).map_err(|error| refused(advice(&error)))?;
                let file = Arc::new(File {
                    path: exact.clone(),
                    snapshot: Snapshot::default(),
                    database: RwLock::new(Some(database)),
                    committer: Committer::default(),
                    gate: Arc::new(Semaphore::new(MOST_THREADS)),
                });
                files.insert(exact, Arc::downgrade(&file));
                break file;
            }
        }
    };
    Ok(Arc::new(Handle { file, most }))
}

impl Drop for File {
    fn drop(&mut self) {
        // Closed before anybody can open it again.
        self.snapshot.forget();
        *self.database.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        files().remove(&self.path);
        CLOSED.notify_all();
    }
}

/// The file's path without links, by which it is known whether it is open.
fn exact(path: &Path) -> std::io::Result<PathBuf> {
    if path.exists() {
        return fs::canonicalize(path);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or(std::io::ErrorKind::InvalidInput)?;
    Ok(fs::canonicalize(folder)?.join(name))
}
