//! The table that is read, kept open until the next change is committed: opening it takes longer than looking into it.
//!
//! It is open during that commit as well, which makes commits faster. Nobody may reuse the pages that the commit replaced as long as
//! the state before it is being read, so redb leaves them to the next commit; otherwise it frees them at once, by changing its own
//! tables a second time.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use redb::{Database, ReadOnlyTable, ReadableDatabase};

use super::ENTRIES;

type Entries = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// The entries as they were committed last.
#[derive(Default)]
pub(super) struct Snapshot {
    /// How often something has changed. A table that was opened before the last change is not read.
    changes: AtomicU64,
    kept: RwLock<Option<(u64, Arc<Entries>)>>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("changes", &self.changes).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// The entries, with all that was committed before the last [`renew`](Self::renew) at least.
    ///
    /// # Errors
    ///
    /// When the file fails.
    pub(super) fn entries(&self, database: &Database) -> Result<Arc<Entries>, redb::Error> {
        let changes = self.changes.load(Ordering::Acquire);
        if let Some((opened_at, entries)) = &*self.kept.read().unwrap_or_else(PoisonError::into_inner)
            && *opened_at == changes
        {
            return Ok(entries.clone());
        }
        self.open(database)
    }

    /// Sees to it that what has been committed is read from now on.
    pub(super) fn renew(&self, database: &Database) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        // What was committed stays so if it cannot be read: whoever reads next is told.
        drop(self.open(database));
    }

    /// Gives up what is kept of the file.
    pub(super) fn forget(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn open(&self, database: &Database) -> Result<Arc<Entries>, redb::Error> {
        let changes = self.changes.load(Ordering::Acquire);
        let entries = Arc::new(database.begin_read()?.open_table(ENTRIES)?);
        // If something was committed meanwhile, nobody reads this any more.
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some((changes, entries.clone()));
        Ok(entries)
    }
}
