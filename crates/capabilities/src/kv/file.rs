//! A store in a file, by redb.

use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use redb::TableDefinition;
use tokio::sync::Semaphore;

use super::clock::now;
use super::commit::{Committer, Job};
use super::entry::{is_over, is_over_now, unpack};
use super::local::{LocalStore, Reader};
use super::operation::{Changed, Edit};
use super::page::{Listing, Page, Pager};
use crate::patience::Patience;
use crate::{Code, Failure, Namespace};

mod open;
mod registry;
mod snapshot;
mod write;

pub(super) use registry::open;

use open::Open;
use snapshot::Snapshot;

/// Entries by namespace and key.
const ENTRIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");
/// The ends of those that end, with the keys of [`ENTRIES`].
const ENDS: TableDefinition<'_, (u64, &[u8]), ()> = TableDefinition::new("ends");
/// The bytes of each namespace.
const USAGE: TableDefinition<'_, &str, u64> = TableDefinition::new("usage");

/// How many calls that are awaited keep a thread at a time. All of them are written together.
const MOST_THREADS: usize = 64;

/// A store in a file.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    /// Before the database, so that nothing reads from it when it is closed.
    snapshot: Snapshot,
    /// `None` after a failure of the disk, until it can be opened again.
    database: RwLock<Option<Open>>,
    committer: Committer<Written, Changed>,
    /// For threads of others that may be kept at a time.
    gate: Arc<Semaphore>,
}

/// A file as somebody uses it who said how large namespaces may become.
#[derive(Debug)]
pub(super) struct Handle {
    file: Arc<File>,
    /// The most bytes of a namespace.
    most: u64,
}

/// A change of an entry.
#[derive(Debug)]
struct Written {
    namespace: Namespace,
    edit: Edit,
    /// The most bytes that the namespace may have after it.
    most: u64,
}

fn advice(error: &redb::Error) -> String {
    match error {
        redb::Error::DatabaseAlreadyOpen => {
            "another process has it open; stop that one, or choose another file".to_owned()
        }
        redb::Error::TableTypeMismatch { .. } => "it is a database of another program's".to_owned(),
        other => {
            format!("{other}; check that it is a key-value store of ours, and that there is room on the disk")
        }
    }
}

/// What a plug-in is told when the file fails. It is not told where the file is.
fn failed(error: &redb::Error) -> Failure {
    match error {
        redb::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            Failure::new(Code::Unavailable, "the disk of the store is full; nothing was written")
        }
        redb::Error::Io(error) => {
            Failure::new(Code::Unavailable, format!("the disk of the store failed: {}", error.kind()))
        }
        redb::Error::PreviousIo => Failure::new(Code::Unavailable, "the disk of the store failed before"),
        other => Failure::new(Code::Internal, format!("the store failed: {other}")),
    }
}

/// Whether the database must be opened again after this.
fn is_broken(error: &redb::Error) -> bool {
    !matches!(error, redb::Error::ValueTooLarge(_))
}

/// Where an entry is in the table. No namespace has a zero byte in it.
fn place(namespace: &Namespace, key: &str) -> Vec<u8> {
    let mut place = Vec::with_capacity(namespace.as_str().len() + 1 + key.len());
    place.extend_from_slice(namespace.as_str().as_bytes());
    place.push(0);
    place.extend_from_slice(key.as_bytes());
    place
}

impl File {
    /// Uses the database, and opens it again first if it failed before.
    fn with<T>(&self, work: impl FnOnce(&Open) -> Result<T, redb::Error>) -> Result<T, Failure> {
        let mut database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        if database.is_none() {
            drop(database);
            self.open_again()?;
            database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        }
        let Some(open) = &*database else { return Err(failed(&redb::Error::PreviousIo)) };
        let (outcome, number) = (work(open), open.number());
        drop(database);
        outcome.map_err(|error| {
            if is_broken(&error) {
                let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
                // Another may have found the same, and opened it again.
                if database.as_ref().is_some_and(|open| open.number() == number) {
                    // Nobody reads now: the file is closed wholly, so that it can be opened again.
                    self.snapshot.forget();
                    *database = None;
                }
            }
            failed(&error)
        })
    }

    #[cold]
    fn open_again(&self) -> Result<(), Failure> {
        let mut opened = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if opened.is_none() {
            *opened = Some(Open::at(&self.path).map_err(|error| failed(&error))?);
        }
        Ok(())
    }

    /// Makes changes in one transaction.
    fn commit(&self, jobs: &mut [Job<Written, Changed>]) {
        let committed = self.with(|open| {
            if write::all(open, jobs)? {
                // Before anybody hears of it: who does must find it.
                self.snapshot.renew(&open.database);
            }
            Ok(())
        });
        if let Err(failure) = committed {
            // Nothing of it is in the file, whatever became of single changes.
            jobs.iter_mut().for_each(|job| job.outcome = Some(Err(failure.clone())));
        }
    }
}

impl LocalStore for Handle {
    fn gate(&self) -> Option<Arc<Semaphore>> {
        Some(self.file.gate.clone())
    }

    fn get(&self, namespace: &Namespace, key: &str, read: Reader<'_>) -> Result<(), Failure> {
        let place = place(namespace, key);
        self.file.with(|open| {
            let entry = self.file.snapshot.entries(&open.database)?.get(&*place)?;
            match entry.as_ref().and_then(|entry| unpack(entry.value())) {
                Some((end, value)) if !is_over_now(end) => Ok(read(value)),
                _ => Ok(Ok(())),
            }
        })?
    }

    fn change(&self, namespace: &Namespace, edit: Edit, patience: &Patience) -> Result<Changed, Failure> {
        let written = Written { namespace: namespace.clone(), edit, most: self.most };
        self.file.committer.run(written, patience, |jobs| self.file.commit(jobs))
    }

    fn list(&self, namespace: &Namespace, listing: &Listing) -> Result<Page, Failure> {
        let start = listing.start().map(|key| place(namespace, key));
        let prefix = place(namespace, &listing.prefix);
        // Where keys begin in the table's.
        let begin = namespace.as_str().len() + 1;
        self.file.with(|open| {
            let entries = self.file.snapshot.entries(&open.database)?;
            let now = now();
            let mut pager = Pager::new(listing.limit);
            let start = match &start {
                Bound::Excluded(start) => Bound::Excluded(start.as_slice()),
                Bound::Included(start) => Bound::Included(start.as_slice()),
                Bound::Unbounded => Bound::Unbounded,
            };
            for entry in entries.range::<&[u8]>((start, Bound::Unbounded))? {
                let (place, packed) = entry?;
                if !place.value().starts_with(&prefix) {
                    break;
                }
                let key = String::from_utf8_lossy(&place.value()[begin..]);
                let live = unpack(packed.value()).is_some_and(|(end, _)| !is_over(end, now));
                if pager.is_full_after(&key, live, packed.value().len()) {
                    break;
                }
            }
            Ok(pager.into_page())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use redb::{ReadableDatabase, ReadableTable, ReadableTableMetadata};

    use super::{ENDS, ENTRIES, Job, LocalStore, USAGE, Written, open, place, unpack};
    use crate::kv::entry::NEVER;
    use crate::kv::operation::{Change, Edit};
    use crate::patience::Patience;

    #[test]
    fn what_is_replaced_makes_room_although_its_state_is_kept_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("data.redb");
        let store = open(&path, u64::MAX).expect("a store");
        let namespace: crate::Namespace = "shop".parse().expect("a name");
        for byte in 0..50 {
            let change = Change::Set { value: vec![byte; 1 << 20], ttl: None };
            let soon = Patience::until(Instant::now() + Duration::from_secs(60));
            assert!(store.change(&namespace, edit("key", change), &soon).is_ok());
            let mut found = None;
            store
                .get(&namespace, "key", &mut |value| {
                    found = value.first().copied();
                    Ok(())
                })
                .expect("the value");
            assert_eq!(found, Some(byte));
        }
        let bytes = std::fs::metadata(&path).expect("the file").len();
        assert!(bytes < 20 << 20, "a value of 1 MiB that was replaced 50 times takes {bytes} bytes");
    }

    #[test]
    fn a_file_that_is_being_closed_can_be_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("data.redb");
        let store = open(&path, 400).expect("a store");
        assert!(Arc::ptr_eq(&store.file, &open(&path, 800).expect("the same").file));
        drop(store);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        drop(open(&path, 400).expect("nobody else has it open"));
                    }
                });
            }
        });
    }

    fn edit(key: &str, change: Change) -> Edit {
        Edit { key: key.to_owned(), change }
    }

    #[test]
    fn what_is_refused_stays_as_it_was_when_others_are_committed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = open(&folder.path().join("data.redb"), 400).expect("a store").file.clone();
        let namespace: crate::Namespace = "shop".parse().expect("a name");
        let set = |key: &str, bytes: usize, ttl| {
            let edit = edit(key, Change::Set { value: vec![b'x'; bytes], ttl });
            Job { job: Written { namespace: namespace.clone(), edit, most: 400 }, outcome: None }
        };
        // An entry takes 65 bytes more than its value.
        let mut jobs = [
            set("a", 100, Some(3_600_000)),
            set("a", 400, None),
            set("b", 400, None),
            set("c", 100, None),
            set("d", 100, None),
        ];
        file.commit(&mut jobs);
        let done = jobs.map(|job| job.outcome.expect("an outcome").is_ok());
        assert_eq!(done, [true, false, false, true, false]);
        file.with(|open| {
            let read = open.database.begin_read()?;
            let (entries, ends) = (read.open_table(ENTRIES)?, read.open_table(ENDS)?);
            let entry = entries.get(&*place(&namespace, "a"))?.expect("the entry");
            let (end, value) = unpack(entry.value()).expect("an entry");
            assert_eq!((end != NEVER, value.len()), (true, 100));
            assert_eq!((entries.len()?, ends.len()?), (2, 1));
            assert_eq!(ends.first()?.expect("an end").0.value().0, end);
            assert_eq!(open.soonest(), end);
            let used = read.open_table(USAGE)?.get(namespace.as_str())?.map(|used| used.value());
            assert_eq!(used, Some(330));
            Ok(())
        })
        .expect("a file that can be read");
    }
}
