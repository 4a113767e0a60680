//! The secret that makes entries trustworthy.
//!
//! It lies in the folder itself, readable by its owner only. A secret that others may know, or may have put there, is
//! refused: with it anybody could write code for this user to run. On Windows the folder's access list, which the
//! user's profile gives, keeps others away, and nothing is checked here.

use std::fs::Metadata;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::files::{self, Durability, Temporary};

const FILE_NAME: &str = "secret";
const BYTES: usize = blake3::KEY_LEN;

/// Random bytes that only this user knows.
pub(super) struct Secret([u8; BYTES]);

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{} {reason}; delete the file to have a new one made", .path.display())]
    Refused { path: PathBuf, reason: &'static str },
}

impl Secret {
    pub(super) fn bytes(&self) -> &[u8; BYTES] {
        &self.0
    }

    /// The secret of the folder; an I/O error of kind `NotFound` when it has none.
    pub(super) fn read(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(FILE_NAME);
        let refused = |reason| Error::Refused { path: path.clone(), reason };
        let (mut file, metadata) = match files::open_regular(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound && path.is_symlink() => {
                return Err(refused("is a symbolic link"));
            }
            opened => opened?,
        };
        if let Some(reason) = distrust(&metadata) {
            return Err(refused(reason));
        }
        if metadata.len() != BYTES as u64 {
            return Err(refused("does not have the length of a secret"));
        }
        let mut bytes = [0; BYTES];
        file.read_exact(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The secret of the folder, which is made if there is none. Of several processes that do this at the same moment,
    /// all get the same secret.
    pub(super) fn read_or_create(dir: &Path) -> Result<Self, Error> {
        match Self::read(dir) {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let bytes: [u8; BYTES] = files::random()?;
        Temporary::new(dir, &[&bytes], Durability::Kept)?.link(&dir.join(FILE_NAME))?;
        Self::read(dir)
    }
}

#[cfg(unix)]
fn distrust(metadata: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;

    distrust_owner(metadata.uid(), metadata.mode(), rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn distrust(_metadata: &Metadata) -> Option<&'static str> {
    None
}

#[cfg(unix)]
fn distrust_owner(owner: u32, mode: u32, user: u32) -> Option<&'static str> {
    if owner != user {
        Some("belongs to another user")
    } else if mode & 0o077 != 0 {
        Some("is open to other users")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn only_the_users_own_private_file_is_trusted() {
        use super::distrust_owner;

        assert_eq!(distrust_owner(1000, 0o100_600, 1000), None);
        assert_eq!(distrust_owner(1000, 0o100_400, 1000), None);
        for mode in [0o640, 0o620, 0o604, 0o602, 0o610, 0o601] {
            assert!(distrust_owner(1000, 0o100_000 | mode, 1000).is_some(), "{mode:o}");
        }
        assert!(distrust_owner(1001, 0o100_600, 1000).is_some());
        assert!(distrust_owner(1000, 0o100_600, 0).is_some());
    }
}
