//! A port and a folder that no other test takes while they are in use.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::shared_memory;

/// Below the range that systems take the ports of outgoing connections from: a client that tries to reconnect cannot
/// take the port of a server that is being restarted, nor connect to itself there.
const PORTS: Range<u16> = 15000..32000;
const ATTEMPTS: usize = 1000;

/// A port on loopback, and a folder that has its number for a name. The folder is deleted when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    port: u16,
    folder: PathBuf,
    /// The folder, locked: the system unlocks it when this process ends, in whatever way.
    _lock: File,
}

impl Place {
    /// `None` when no port is free. What tests have left behind that were killed is deleted before.
    ///
    /// # Errors
    /// When folders cannot be made.
    pub(crate) fn reserve() -> io::Result<Option<Self>> {
        let base = base()?;
        sweep(&base)?;
        // Begins somewhere else in each process and for each server: few attempts are needed.
        let start = RandomState::new().hash_one(ATTEMPTS) % PORTS.len() as u64;
        for port in PORTS.cycle().skip(usize::try_from(start).unwrap_or(0)).take(ATTEMPTS) {
            if let Some(place) = Self::take(&base, port)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// `None` when somebody else has the port.
    fn take(base: &Path, port: u16) -> io::Result<Option<Self>> {
        let folder = base.join(port.to_string());
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            made => made?,
        }
        let Some(lock) = lock(&folder)? else { return Ok(None) };
        let place = Self { port, folder, _lock: lock };
        // A program that knows nothing of these folders may have it.
        Ok(TcpListener::bind(place.address()).is_ok().then_some(place))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = delete(&self.folder) {
            eprintln!("cannot delete {}: {error}", self.folder.display());
        }
    }
}

/// The folder of this user's servers: it tells whether another test has a port.
fn base() -> io::Result<PathBuf> {
    let user = fs::metadata("/proc/self")?.uid();
    let base = env::temp_dir().join(format!("plugwright-test-servers-{user}"));
    // Others may pass: a server may be run as another user.
    match DirBuilder::new().mode(0o711).create(&base) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made?,
    }
    let found = fs::symlink_metadata(&base)?;
    if found.is_dir() && found.uid() == user {
        return Ok(base);
    }
    Err(io::Error::other(format!("{} is not a folder of this user: delete it", base.display())))
}

/// Locks a folder; `None` when somebody else has, or has deleted it.
fn lock(folder: &Path) -> io::Result<Option<File>> {
    let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    let file = match File::open(folder) {
        Err(error) if gone(&error) => return Ok(None),
        opened => opened?,
    };
    if file.try_lock().is_err() {
        return Ok(None);
    }
    match fs::metadata(folder) {
        Err(error) if gone(&error) => Ok(None),
        found => Ok((found?.ino() == file.metadata()?.ino()).then_some(file)),
    }
}

/// Deletes the folders of servers whose process has ended.
fn sweep(base: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)? {
        let folder = entry?.path();
        if let Some(lock) = lock(&folder)? {
            if let Err(error) = delete(&folder) {
                // Its server may still be dying. The next test tries again.
                eprintln!("cannot delete {} yet: {error}", folder.display());
            }
            drop(lock);
        }
    }
    Ok(())
}

fn delete(folder: &Path) -> io::Result<()> {
    shared_memory::remove(folder)?;
    fs::remove_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::{Place, base, lock, sweep};

    #[test]
    fn nobody_gets_the_place_of_another() {
        let first = Place::reserve().unwrap().unwrap();
        let base = base().unwrap();
        assert!(Place::take(&base, first.port).unwrap().is_none());
        sweep(&base).unwrap();
        assert!(first.folder().is_dir());
        let (port, folder) = (first.port, first.folder().to_owned());
        drop(first);
        assert!(!folder.exists());
        assert!(Place::take(&base, port).unwrap().is_some());
    }

    #[test]
    fn what_a_dead_test_has_left_is_deleted() {
        let place = Place::reserve().unwrap().unwrap();
        let left = place.folder().join("left");
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join("file"), "").unwrap();
        let file = lock(&left).unwrap().unwrap();
        sweep(place.folder()).unwrap();
        assert!(left.exists(), "it is in use");
        drop(file);
        sweep(place.folder()).unwrap();
        assert!(!left.exists());
    }
}
