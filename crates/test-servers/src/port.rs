//! Ports that no other test takes while they are reserved.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;

/// Below the range that systems take the ports of outgoing connections from: a client that tries to reconnect cannot
/// take the port of a server that is being restarted, nor connect to itself there.
const PORTS: Range<u16> = 15000..32000;
const ATTEMPTS: usize = 1000;

/// A port on loopback, for one server. It stays reserved while the server is down.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    /// Locked; the system unlocks it when this process ends.
    _lock: File,
}

impl Port {
    /// `None` when none is free.
    ///
    /// # Errors
    /// When the folder of the locks cannot be used.
    pub(crate) fn reserve() -> io::Result<Option<Self>> {
        // Each user has a folder: nobody could lock the files of another.
        let user = fs::metadata("/proc/self")?.uid();
        let folder = std::env::temp_dir().join(format!("plugwright-test-ports-{user}"));
        fs::create_dir_all(&folder)?;
        // Begins somewhere else in each process and for each server: few attempts are needed.
        let start = RandomState::new().hash_one(ATTEMPTS);
        let start = usize::try_from(start % PORTS.len() as u64).unwrap_or_default();
        for number in PORTS.cycle().skip(start).take(ATTEMPTS) {
            let lock = File::create(folder.join(number.to_string()))?;
            // Taken by another test, if it cannot be locked, and else by another program, if it cannot be bound.
            if lock.try_lock().is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok() {
                return Ok(Some(Self { number, _lock: lock }));
            }
        }
        Ok(None)
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}
