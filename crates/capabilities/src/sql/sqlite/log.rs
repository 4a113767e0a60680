//! The log of changes beside a database: it grows as long as somebody reads an older state, and the limit of the file does not hold for it.

use std::fs;
use std::path::PathBuf;

use super::database::{Database, Link};
use crate::sql::Answer;
use crate::{Code, Failure};

/// A log this large is always allowed.
const SMALL: u64 = 16 << 20;

impl Database {
    /// Checks, before something is written, that the log is not larger than the database may be.
    ///
    /// # Errors
    ///
    /// `Unavailable` when it is, and cannot be made smaller.
    pub(super) fn check_log(&self, link: &Link) -> Answer<()> {
        let most = self.most_bytes().max(SMALL);
        if self.log_bytes() <= most {
            return Ok(());
        }
        // In a transaction nothing can be taken out of it; one that is open does not let others, either.
        if link.connection.is_autocommit() {
            let _ = link.perform("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        if self.log_bytes() <= most {
            return Ok(());
        }
        let message = "the log of the database is full: end transactions that read for long, and try again";
        Err(Failure::new(Code::Unavailable, message))
    }

    fn log_bytes(&self) -> u64 {
        let mut log = self.file().as_os_str().to_owned();
        log.push("-wal");
        fs::metadata(PathBuf::from(log)).map_or(0, |log| log.len())
    }
}
