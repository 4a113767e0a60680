//! Changes of entries in one transaction.

use redb::{AccessGuard, ReadableTable, Table, TableDefinition, WriteTransaction};

use super::open::{Open, soonest};
use super::{ENDS, ENTRIES, USAGE, Written, place};
use crate::Failure;
use crate::kv::clock::now;
use crate::kv::commit::Job;
use crate::kv::entry::{NEVER, is_over, pack, unpack};
use crate::kv::operation::{Change, Changed, Edit, Ends, Fate};
use crate::kv::time_to_live::TimeToLive;
use crate::kv::usage::{self, SWEPT};

/// Makes all changes, those of them that can be made, and waits until they are on the disk. Says whether anything has changed.
///
/// # Errors
///
/// When the file fails. Nothing has changed then.
pub(super) fn all(open: &Open, jobs: &mut [Job<Written, Changed>]) -> Result<bool, redb::Error> {
    let now = now();
    let transaction = open.database.begin_write()?;
    let mut tables = Tables {
        entries: transaction.open_table(ENTRIES)?,
        ends: Rare { transaction: &transaction, table: None, definition: ENDS },
        usage: Rare { transaction: &transaction, table: None, definition: USAGE },
        now,
        most: 0,
        soonest: open.soonest(),
        has_changed: false,
    };
    if is_over(tables.soonest, now) {
        tables.sweep()?;
    }
    for job in jobs {
        job.outcome = Some(tables.change(&job.job)?);
    }
    let (soonest, has_changed) = (tables.soonest, tables.has_changed);
    drop(tables);
    // What changed nothing need not wait for the disk.
    if has_changed {
        transaction.commit()?
    } else {
        transaction.abort()?
    }
    open.set_soonest(soonest);
    Ok(has_changed)
}

/// A table that most changes do without: opening it takes longer than a plug-in's call.
struct Rare<'t, K: redb::Key + 'static, V: redb::Value + 'static> {
    transaction: &'t WriteTransaction,
    table: Option<Table<'t, K, V>>,
    definition: TableDefinition<'static, K, V>,
}

impl<'t, K: redb::Key + 'static, V: redb::Value + 'static> Rare<'t, K, V> {
    fn open(&mut self) -> Result<&mut Table<'t, K, V>, redb::Error> {
        Ok(match &mut self.table {
            Some(table) => table,
            empty => empty.insert(self.transaction.open_table(self.definition)?),
        })
    }
}

struct Tables<'t> {
    entries: Table<'t, &'static [u8], &'static [u8]>,
    ends: Rare<'t, (u64, &'static [u8]), ()>,
    usage: Rare<'t, &'static str, u64>,
    now: u64,
    /// The most bytes that the namespace may have after the change that is being made.
    most: u64,
    /// The first end of all, or earlier; [`NEVER`] if nothing ends.
    soonest: u64,
    has_changed: bool,
}

impl Tables<'_> {
    fn change(&mut self, written: &Written) -> Result<Result<Changed, Failure>, redb::Error> {
        let Written { namespace, edit: Edit { key, change }, most } = written;
        self.most = *most;
        let place = place(namespace, key);
        let namespace = namespace.as_str();
        // Whoever sets an entry does not ask what it was.
        if let Change::Set { value, ttl } = change {
            let end = self.end_after(*ttl);
            return Ok(self.becomes(namespace, key, &place, value, end)?.map(|()| Changed::Done));
        }
        let stored = self.entries.get(&*place)?;
        let found = stored.as_ref().and_then(|entry| unpack(entry.value()));
        let live = found.filter(|(end, _)| !is_over(*end, self.now));
        let (fate, changed) = match change.of(live.map(|(_, value)| value)) {
            Ok(decided) => decided,
            Err(failure) => return Ok(Err(failure)),
        };
        let kept_end = live.map_or(NEVER, |(end, _)| end);
        drop(stored);
        match fate {
            Fate::Stays => {}
            Fate::Goes => self.goes(namespace, key, &place)?,
            Fate::Becomes(value, ends) => {
                let end = match ends {
                    Ends::AsBefore => kept_end,
                    Ends::After(ttl) => self.end_after(ttl),
                };
                if let Err(failure) = self.becomes(namespace, key, &place, value.bytes(), end)? {
                    return Ok(Err(failure));
                }
            }
        }
        Ok(Ok(changed))
    }

    /// When what lives so long from now on ends.
    fn end_after(&self, ttl: TimeToLive) -> u64 {
        ttl.map_or(NEVER, |millis| self.now.saturating_add(millis))
    }

    /// Writes an entry, if there is room.
    fn becomes(
        &mut self,
        namespace: &str,
        key: &str,
        place: &[u8],
        value: &[u8],
        end: u64,
    ) -> Result<Result<(), Failure>, redb::Error> {
        let bytes = usage::of(key, value.len());
        let before = self.entries.insert(place, &*pack(end, value))?;
        let (end_before, bytes_before) = taken(key, before.as_ref());
        // What becomes no larger finds its room.
        if bytes > bytes_before {
            let used = self.usage.open()?.get(namespace)?.map_or(0, |used| used.value());
            if let Err(failure) = usage::check(used.saturating_sub(bytes_before), bytes, self.most) {
                // It stays as it was.
                let before = before.map(|entry| entry.value().to_vec());
                match before {
                    Some(before) => drop(self.entries.insert(place, &*before)?),
                    None => drop(self.entries.remove(place)?),
                }
                return Ok(Err(failure));
            }
        }
        drop(before);
        if bytes != bytes_before {
            self.used(namespace, bytes_before, bytes)?;
        }
        self.end_moves(end_before, end, place)?;
        self.has_changed = true;
        Ok(Ok(()))
    }

    fn goes(&mut self, namespace: &str, key: &str, place: &[u8]) -> Result<(), redb::Error> {
        let before = self.entries.remove(place)?;
        let (end_before, bytes_before) = taken(key, before.as_ref());
        drop(before);
        self.used(namespace, bytes_before, 0)?;
        self.end_moves(end_before, NEVER, place)?;
        self.has_changed = true;
        Ok(())
    }

    fn used(&mut self, namespace: &str, before: u64, after: u64) -> Result<(), redb::Error> {
        let usage = self.usage.open()?;
        let used = usage.get(namespace)?.map_or(0, |used| used.value());
        usage.insert(namespace, used.saturating_sub(before).saturating_add(after))?;
        Ok(())
    }

    fn end_moves(&mut self, before: u64, after: u64, place: &[u8]) -> Result<(), redb::Error> {
        if before == after {
            return Ok(());
        }
        if before != NEVER {
            self.ends.open()?.remove((before, place))?;
        }
        if after != NEVER {
            self.ends.open()?.insert((after, place), ())?;
            if self.soonest == NEVER || after < self.soonest {
                self.soonest = after;
            }
        }
        Ok(())
    }

    /// Removes entries that have ended: so many that they are gone faster than they come.
    fn sweep(&mut self) -> Result<(), redb::Error> {
        let ends = self.ends.open()?;
        let mut over = Vec::new();
        for end in ends.range((NEVER, &[][..])..(self.now.saturating_add(1), &[][..]))?.take(SWEPT) {
            let (end, _) = end?;
            let (end, place) = end.value();
            over.push((end, place.to_vec()));
        }
        for (end, place) in over {
            self.has_changed = true;
            self.ends.open()?.remove((end, &*place))?;
            let value = self
                .entries
                .remove(&*place)?
                .and_then(|entry| unpack(entry.value()).map(|(_, value)| value.len()));
            let Some(at) = place.iter().position(|byte| *byte == 0) else { continue };
            let (namespace, key) =
                (String::from_utf8_lossy(&place[..at]), String::from_utf8_lossy(&place[at + 1..]));
            let bytes = value.map_or(0, |value| usage::of(&key, value));
            self.used(&namespace, bytes, 0)?;
        }
        self.soonest = soonest(self.ends.open()?)?;
        Ok(())
    }
}

/// The end of an entry, and the bytes that it takes: also one that has ended and was not swept yet.
fn taken(key: &str, entry: Option<&AccessGuard<'_, &'static [u8]>>) -> (u64, u64) {
    let found = entry.and_then(|entry| unpack(entry.value()));
    found.map_or((NEVER, 0), |(end, value)| (end, usage::of(key, value.len())))
}
