//! The log of changes beside a database: it grows as long as somebody reads an older state, and the limit of the file does not hold for it.

use std::fs;
use std::path::PathBuf;

use super::database::{Database, Link};
use super::failures::of_statement;
use crate::patience::Patience;
use crate::sql::Answer;

/// A log this large is always allowed.
const SMALL: u64 = 16 << 20;

impl Database {
    /// Whether the log is larger than the database may be, and cannot be made smaller now.
    ///
    /// # Errors
    ///
    /// When the connection is of no use.
    pub(super) fn log_is_full(&self, link: &mut Link, patience: &Patience) -> Answer<bool> {
        let most = self.most_bytes().max(SMALL);
        if self.log_bytes() <= most {
            return Ok(false);
        }
        if !self.is_read_only() && link.connection.is_autocommit() {
            // Nobody waits for those who read: it is tried again by the next statement. That it is refused then is no error.
            let _ = link.perform("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
            link.limit_time(patience).map_err(|error| of_statement(link, &error))?;
        }
        Ok(self.log_bytes() > most)
    }

    fn log_bytes(&self) -> u64 {
        let mut log = self.file().as_os_str().to_owned();
        log.push("-wal");
        fs::metadata(PathBuf::from(log)).map_or(0, |log| log.len())
    }
}
