//! Compiled code on disk, so that a plug-in is compiled once on a machine and not once in every process.
//!
//! Compiled code runs with all rights of the process, so a file is trusted only when it carries a message
//! authentication code made with a secret of this user. Whoever can write to the folder but does not know the secret can
//! make entries useless, and nothing else. The code covers the entry's key too: a genuine entry under another name is
//! rejected.
//!
//! Nothing here fails: whatever goes wrong is a miss, and the caller compiles again. Processes may share a folder.
//! Files appear under their names complete, by a rename; a reader sees an old entry, a new one, or none.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use secret::Secret;

mod evict;
mod files;
mod key;
mod location;
mod secret;
#[cfg(test)]
mod tests;

pub(crate) use key::Key;

/// What every entry begins with. The last byte is the version of the format.
const MAGIC: [u8; 8] = *b"PLUGWRT\x01";

/// Bytes of an entry before the payload: [`MAGIC`] and the authentication code.
const HEADER_BYTES: usize = MAGIC.len() + blake3::OUT_LEN;

/// The most bytes that the entries of a folder may have together: 1 GiB.
const DEFAULT_MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// An entry that is used is marked as used when the last mark is this old, so that most hits write nothing.
const TOUCH_INTERVAL: Duration = Duration::from_secs(3600);

/// A folder with compiled code.
pub(crate) struct Cache {
    dir: PathBuf,
    max_bytes: u64,
    /// `None` inside when the folder's secret must not be used.
    secret: OnceLock<Option<Secret>>,
}

impl Cache {
    /// The cache in `dir`, which is created when the first entry is put.
    pub(crate) fn open(dir: PathBuf) -> Self {
        Self { dir, max_bytes: DEFAULT_MAX_BYTES, secret: OnceLock::new() }
    }

    /// The folder for users who name none: `$PLUGWRIGHT_CACHE_DIR`, else `plugwright/compiled` in the user's cache
    /// folder. `None` when the environment tells neither.
    pub(crate) fn default_dir() -> Option<PathBuf> {
        location::default_dir(std::env::consts::OS, |name| std::env::var_os(name))
    }

    /// What was put under `key` by a process of this user, unchanged. A file that is something else is deleted.
    pub(crate) fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let secret = self.secret(Secret::read)?;
        let path = self.path(key);
        match self.read(&path, key, secret) {
            Ok(payload) => Some(payload),
            Err(error) => {
                reject(&path, &error);
                None
            }
        }
    }

    /// Keeps `payload` under `key`, and removes the entries that were not used for the longest time when there are too
    /// many bytes.
    pub(crate) fn put(&self, key: &Key, payload: &[u8]) {
        let bytes = (HEADER_BYTES as u64).saturating_add(payload.len() as u64);
        if bytes > self.max_bytes {
            tracing::debug!(
                bytes,
                limit = self.max_bytes,
                "compiled code is too large for the compilation cache"
            );
            return;
        }
        let Some(secret) = self.secret(Secret::read_or_create) else {
            return;
        };
        if let Err(error) = self.write(key, payload, secret) {
            tracing::debug!(dir = %self.dir.display(), %error, "cannot write to the compilation cache");
        }
    }

    /// The secret, by `load` unless it is known.
    fn secret(&self, load: impl FnOnce(&Path) -> Result<Secret, secret::Error>) -> Option<&Secret> {
        if let Some(secret) = self.secret.get() {
            return secret.as_ref();
        }
        let loaded = match load(&self.dir) {
            Ok(secret) => Some(secret),
            Err(secret::Error::Io(error)) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::debug!(dir = %self.dir.display(), %error, "the compilation cache cannot be used");
                }
                // Another try may do better, for example because `put` creates the folder.
                return None;
            }
            Err(error @ secret::Error::Refused { .. }) => {
                tracing::warn!(%error, "the compilation cache is off");
                None
            }
        };
        self.secret.get_or_init(|| loaded).as_ref()
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.dir.join(key.file_name())
    }

    fn read(&self, path: &Path, key: &Key, secret: &Secret) -> io::Result<Vec<u8>> {
        let unusable = |reason: &'static str| io::Error::new(io::ErrorKind::InvalidData, reason);
        let (mut file, metadata) = files::open_regular(path)?;
        if metadata.len() > self.max_bytes {
            return Err(unusable("it is larger than the whole cache may be"));
        }
        let mut header = [0; HEADER_BYTES];
        file.read_exact(&mut header)?;
        let (magic, code) = header.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(unusable("it has another format"));
        }
        let len =
            usize::try_from(metadata.len()).map_err(|_| unusable("it is too large for this machine"))?;
        let mut payload = vec![0; len.saturating_sub(HEADER_BYTES)];
        file.read_exact(&mut payload)?;
        // The comparison takes the same time wherever the bytes differ.
        if authenticate(secret, key, &payload) != *code {
            return Err(unusable("it was changed, or written by another user or under another name"));
        }
        mark_used(&file, &metadata);
        Ok(payload)
    }

    fn write(&self, key: &Key, payload: &[u8], secret: &Secret) -> io::Result<()> {
        let code = authenticate(secret, key, payload);
        let file =
            files::Temporary::new(&self.dir, &[&MAGIC, code.as_bytes(), payload], files::Durability::Lost)?;
        file.rename(&self.path(key))?;
        evict::evict(&self.dir, self.max_bytes, &key.file_name())
    }
}

/// Deletes a file that is not a good entry. One that merely cannot be read now is left alone.
fn reject(path: &Path, error: &io::Error) {
    use io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};

    if error.kind() == NotFound {
        return;
    }
    tracing::debug!(path = %path.display(), %error, "an entry of the compilation cache cannot be used");
    if matches!(error.kind(), InvalidData | UnexpectedEof) || path.is_symlink() {
        // When this fails the entry is still never used, and the next `put` replaces it.
        let _ = fs::remove_file(path);
    }
}

fn authenticate(secret: &Secret, key: &Key, payload: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(secret.bytes());
    hasher.update(&MAGIC).update(key.bytes()).update(payload);
    hasher.finalize()
}

/// Makes an entry young again. Eviction goes wrong a little when this fails.
fn mark_used(file: &File, metadata: &fs::Metadata) {
    let now = SystemTime::now();
    let age = metadata.modified().ok().and_then(|modified| now.duration_since(modified).ok());
    if age.is_some_and(|age| age >= TOUCH_INTERVAL) {
        let _ = file.set_modified(now);
    }
}
