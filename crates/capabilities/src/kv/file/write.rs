//! Changes of entries in one transaction.

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use super::open::{Open, soonest};
use super::{ENDS, ENTRIES, USAGE, Written, place};
use crate::Failure;
use crate::kv::clock::now;
use crate::kv::commit::Job;
use crate::kv::entry::{NEVER, is_over, pack, unpack};
use crate::kv::operation::{Changed, Edit, Ends, Fate};
use crate::kv::usage::{self, SWEPT};

/// Makes all changes, those of them that can be made, and waits until they are on the disk.
///
/// # Errors
///
/// When the file fails. Nothing has changed then.
pub(super) fn all(open: &Open, jobs: &mut [Job<Written, Changed>], most: u64) -> Result<(), redb::Error> {
    let now = now();
    let transaction = open.database.begin_write()?;
    let mut tables = Tables {
        entries: transaction.open_table(ENTRIES)?,
        ends: Rare { transaction: &transaction, table: None, definition: ENDS },
        usage: Rare { transaction: &transaction, table: None, definition: USAGE },
        now,
        most,
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
    Ok(())
}

/// A table that most changes do without: opening it would take as long as half of a change.
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
    most: u64,
    /// The first end of all, or earlier; [`NEVER`] if nothing ends.
    soonest: u64,
    has_changed: bool,
}

impl Tables<'_> {
    fn change(&mut self, written: &Written) -> Result<Result<Changed, Failure>, redb::Error> {
        let Written { namespace, edit: Edit { key, change } } = written;
        let place = place(namespace, key);
        let stored = self.entries.get(&*place)?;
        let found = stored.as_ref().and_then(|entry| unpack(entry.value()));
        // What has ended and was not swept yet still takes its bytes.
        let (end_before, bytes_before) =
            found.map_or((NEVER, 0), |(end, value)| (end, usage::of(key, value.len())));
        let live = found.filter(|(end, _)| !is_over(*end, self.now));
        let (fate, changed) = match change.of(live.map(|(_, value)| value)) {
            Ok(decided) => decided,
            Err(failure) => return Ok(Err(failure)),
        };
        let kept_end = live.map_or(NEVER, |(end, _)| end);
        drop(stored);
        let namespace = namespace.as_str();
        match fate {
            Fate::Stays => return Ok(Ok(changed)),
            Fate::Goes => {
                self.entries.remove(&*place)?;
                self.used(namespace, bytes_before, 0)?;
                self.end_moves(end_before, NEVER, &place)?;
            }
            Fate::Becomes(value, ends) => {
                let bytes = usage::of(key, value.bytes().len());
                // What becomes no larger finds its room.
                if bytes > bytes_before {
                    let used = self.usage.open()?.get(namespace)?.map_or(0, |used| used.value());
                    if let Err(failure) = usage::check(used.saturating_sub(bytes_before), bytes, self.most) {
                        return Ok(Err(failure));
                    }
                }
                let end = match ends {
                    Ends::AsBefore => kept_end,
                    Ends::After(ttl) => ttl.map_or(NEVER, |millis| self.now.saturating_add(millis)),
                };
                let packed = pack(end, value.bytes());
                self.entries.insert(&*place, &*packed)?;
                if bytes != bytes_before {
                    self.used(namespace, bytes_before, bytes)?;
                }
                self.end_moves(end_before, end, &place)?;
            }
        }
        self.has_changed = true;
        Ok(Ok(changed))
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
