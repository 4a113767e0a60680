//! A database that is open, and what is known of it without looking.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::{Builder, Database, ReadableDatabase, ReadableTable};

use super::{ENDS, ENTRIES, USAGE};
use crate::kv::entry::NEVER;

/// What redb keeps of the file in memory.
const CACHE_BYTES: usize = 64 << 20;

/// A database that is open.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) database: Database,
    /// When the first of its entries ends, or earlier; [`NEVER`] if none does. Written by whoever commits, one at a time.
    soonest: AtomicU64,
    /// No other has it.
    number: u64,
}

impl Open {
    /// Opens or makes the database in a file.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, or is another program's.
    pub(super) fn at(path: &Path) -> Result<Self, redb::Error> {
        let database = Builder::new().set_cache_size(CACHE_BYTES).create(path)?;
        // Readers then find the tables, and a file of somebody else's is found out.
        let transaction = database.begin_write()?;
        transaction.open_table(ENTRIES)?;
        transaction.open_table(ENDS)?;
        transaction.open_table(USAGE)?;
        transaction.commit()?;
        let soonest = soonest(&database.begin_read()?.open_table(ENDS)?)?;
        static OPENED: AtomicU64 = AtomicU64::new(0);
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        Ok(Self { database, soonest: AtomicU64::new(soonest), number })
    }

    /// The number of this opening.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// When the first of its entries ends, or earlier; [`NEVER`] if none does.
    pub(super) fn soonest(&self) -> u64 {
        self.soonest.load(Ordering::Relaxed)
    }

    /// Notes it, after what it is so by was committed.
    pub(super) fn set_soonest(&self, end: u64) {
        self.soonest.store(end, Ordering::Relaxed);
    }
}

/// The first end of a table; [`NEVER`] if it has none.
///
/// # Errors
///
/// When the file fails.
pub(super) fn soonest(ends: &impl ReadableTable<(u64, &'static [u8]), ()>) -> Result<u64, redb::Error> {
    Ok(ends.first()?.map_or(NEVER, |(end, _)| end.value().0))
}
