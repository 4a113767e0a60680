//! Code from the store in a folder of this machine, by its hash.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::digest::sha256_hex;

/// A folder that keeps downloaded code, up to so many bytes. It is shared by any number of workers.
///
/// It is trusted with nothing: what is read from it must have its hash.
#[derive(Debug, Clone)]
pub struct CodeCache {
    folder: PathBuf,
    max_bytes: u64,
}

impl CodeCache {
    /// How much is kept unless told otherwise: 1 GiB.
    pub const MAX_BYTES: u64 = 1 << 30;

    /// Keeps up to so many bytes in this folder, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>, max_bytes: u64) -> Self {
        Self { folder: folder.into(), max_bytes }
    }

    /// The code with this hash, if it is there.
    pub(crate) fn get(&self, sha256: &str) -> Option<Vec<u8>> {
        let path = self.folder.join(file_name(sha256)?);
        let code = fs::read(&path).ok()?;
        if sha256_hex(&code) != sha256 {
            tracing::warn!(target: "plugwright::nats", sha256, "a file of the cache of code was damaged");
            // If it cannot be removed, it is found damaged again.
            let _ = fs::remove_file(&path);
            return None;
        }
        // What was used last goes last.
        let touched = fs::File::options()
            .append(true)
            .open(&path)
            .and_then(|file| file.set_modified(SystemTime::now()));
        if let Err(error) = touched {
            tracing::debug!(target: "plugwright::nats", %error, "a file of the cache of code keeps its time");
        }
        Some(code)
    }

    /// Keeps code with this hash. A cache that cannot be written is a slower one.
    pub(crate) fn put(&self, sha256: &str, code: &[u8]) {
        if code.len() as u64 > self.max_bytes {
            return;
        }
        if let Err(error) = self.write(sha256, code).and_then(|()| self.evict()) {
            tracing::warn!(target: "plugwright::nats", folder = %self.folder.display(), %error, "code cannot be cached");
        }
    }

    fn write(&self, sha256: &str, code: &[u8]) -> io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = file_name(sha256).ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(&self.folder)?;
        // Nobody sees half of a file.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let partial = self.folder.join(format!("{name}.{}.{number}.partial", process::id()));
        // A file that is there already is somebody else's, or leads elsewhere.
        let created = fs::File::options().write(true).create_new(true).open(&partial);
        let written = created
            .and_then(|mut file| file.write_all(code))
            .and_then(|()| fs::rename(&partial, self.folder.join(name)));
        if written.is_err() {
            // It may not be there.
            let _ = fs::remove_file(&partial);
        }
        written
    }

    /// Removes what was not used for longest, until the rest fits.
    fn evict(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            // Whatever else is in the folder is not ours to remove.
            if metadata.is_file() && is_ours(&entry.file_name()) {
                files.push((metadata.modified()?, metadata.len(), entry.path()));
            }
        }
        let mut bytes: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        files.sort();
        for (_, length, path) in files {
            if bytes <= self.max_bytes {
                return Ok(());
            }
            removed(&path)?;
            bytes = bytes.saturating_sub(length);
        }
        Ok(())
    }
}

/// The file of a hash; `None` for what is none, which could lead elsewhere.
fn file_name(sha256: &str) -> Option<String> {
    let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hash.then(|| format!("{sha256}.code"))
}

/// Whether a file of this name is code, or was to become that.
fn is_ours(name: &OsStr) -> bool {
    let Some((hash, rest)) = name.to_str().and_then(|name| name.split_once('.')) else { return false };
    file_name(hash).is_some() && (rest == "code" || rest.starts_with("code.") && rest.ends_with(".partial"))
}

/// Removes a file, which another worker may have removed before.
fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn aged(cache: &CodeCache, hash: &str, seconds: u64) {
        let path = cache.folder.join(file_name(hash).unwrap());
        let time = SystemTime::now() - Duration::from_secs(seconds);
        fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn what_was_used_last_stays() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CodeCache::new(folder.path().join("code"), 250);
        let codes: Vec<Vec<u8>> = (0..4).map(|number| vec![number; 100]).collect();
        let hashes: Vec<String> = codes.iter().map(|code| sha256_hex(code)).collect();
        for index in [0, 1] {
            cache.put(&hashes[index], &codes[index]);
            aged(&cache, &hashes[index], 100 - index as u64);
        }
        assert_eq!(cache.get(&hashes[0]).as_ref(), Some(&codes[0]));
        cache.put(&hashes[2], &codes[2]);
        assert_eq!(cache.get(&hashes[1]), None);
        assert_eq!(cache.get(&hashes[0]).as_ref(), Some(&codes[0]));
        assert_eq!(cache.get(&hashes[2]).as_ref(), Some(&codes[2]));
        cache.put(&sha256_hex(&[9; 300]), &[9; 300]);
        assert_eq!(cache.get(&hashes[0]).as_ref(), Some(&codes[0]));
    }

    #[test]
    fn what_is_not_of_the_cache_stays() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CodeCache::new(folder.path(), 150);
        for name in ["thesis.txt", "a.code", ".code.1.2.partial"] {
            fs::write(folder.path().join(name), [0; 100]).unwrap();
        }
        let stale = format!("{}.1.2.partial", file_name(&sha256_hex(b"x")).unwrap());
        fs::write(folder.path().join(&stale), [0; 100]).unwrap();
        cache.put(&sha256_hex(&[1; 100]), &[1; 100]);
        assert!(!folder.path().join(stale).exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    }

    #[test]
    fn what_does_not_have_its_hash_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CodeCache::new(folder.path(), 1000);
        let hash = sha256_hex(b"code");
        cache.put(&hash, b"code");
        fs::write(folder.path().join(file_name(&hash).unwrap()), b"other").unwrap();
        assert_eq!(cache.get(&hash), None);
        assert_eq!(cache.get(&hash), None);
        cache.put("../../elsewhere", b"code");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
