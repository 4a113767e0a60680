//! A store in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Semaphore;

use super::clock::now;
use super::entry::{NEVER, is_over, is_over_now};
use super::local::{LocalStore, Reader};
use super::operation::{Changed, Edit, Ends, Fate};
use super::page::{Listing, Page, Pager};
use super::usage::{self, SWEPT};
use crate::patience::Patience;
use crate::{Failure, Namespace};

/// A store in memory.
#[derive(Debug)]
pub(super) struct Memory {
    parts: RwLock<HashMap<Namespace, Part>>,
    /// The most bytes of a namespace.
    most: u64,
}

/// What a namespace has.
#[derive(Debug, Default)]
struct Part {
    entries: BTreeMap<String, Entry>,
    /// The ends of those that end, with their keys.
    ends: BTreeSet<(u64, String)>,
    bytes: u64,
}

#[derive(Debug)]
struct Entry {
    end: u64,
    value: Vec<u8>,
}

impl Memory {
    /// An empty store, where a namespace may have so many bytes.
    pub(super) fn new(most: u64) -> Self {
        Self { parts: RwLock::default(), most }
    }
}

impl Part {
    /// The entry, unless it has ended.
    fn live(&self, key: &str, now: u64) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| !is_over(entry.end, now))
    }

    fn put(&mut self, key: &str, end: u64, value: Vec<u8>) {
        self.remove(key);
        self.bytes += usage::of(key, value.len());
        if end != NEVER {
            self.ends.insert((end, key.to_owned()));
        }
        self.entries.insert(key.to_owned(), Entry { end, value });
    }

    fn remove(&mut self, key: &str) {
        if let Some((key, entry)) = self.entries.remove_entry(key) {
            self.bytes -= usage::of(&key, entry.value.len());
            if entry.end != NEVER {
                self.ends.remove(&(entry.end, key));
            }
        }
    }

    /// Removes entries that have ended: so many that they are gone faster than they come.
    fn sweep(&mut self, now: u64) {
        for _ in 0..SWEPT {
            match self.ends.first() {
                Some((end, key)) if is_over(*end, now) => {
                    let key = key.clone();
                    self.remove(&key);
                }
                _ => break,
            }
        }
    }

    fn change(&mut self, Edit { key, change }: &Edit, most: u64) -> Result<Changed, Failure> {
        let now = now();
        self.sweep(now);
        let stored = self.live(key, now);
        let (fate, changed) = change.of(stored.map(|entry| &*entry.value))?;
        match fate {
            Fate::Stays => {}
            Fate::Goes => self.remove(key),
            Fate::Becomes(value, ends) => {
                let end = match ends {
                    Ends::AsBefore => stored.map_or(NEVER, |entry| entry.end),
                    Ends::After(ttl) => ttl.map_or(NEVER, |millis| now.saturating_add(millis)),
                };
                let before = self.entries.get(key).map_or(0, |entry| usage::of(key, entry.value.len()));
                usage::check(self.bytes - before, usage::of(key, value.bytes().len()), most)?;
                self.put(key, end, value.bytes().to_vec());
            }
        }
        Ok(changed)
    }
}

impl LocalStore for Memory {
    fn gate(&self) -> Option<Arc<Semaphore>> {
        None
    }

    fn get(&self, namespace: &Namespace, key: &str, read: Reader<'_>) -> Result<(), Failure> {
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
        match parts.get(namespace).and_then(|part| part.entries.get(key)) {
            Some(entry) if !is_over_now(entry.end) => read(&entry.value),
            _ => Ok(()),
        }
    }

    fn change(&self, namespace: &Namespace, edit: Edit, _: &Patience) -> Result<Changed, Failure> {
        let mut parts = self.parts.write().unwrap_or_else(PoisonError::into_inner);
        let part = match parts.get_mut(namespace) {
            Some(part) => part,
            None => parts.entry(namespace.clone()).or_default(),
        };
        part.change(&edit, self.most)
    }

    fn list(&self, namespace: &Namespace, listing: &Listing) -> Result<Page, Failure> {
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
        let mut pager = Pager::new(listing.limit);
        let now = now();
        let entries = parts.get(namespace).map(|part| &part.entries);
        let entries = entries
            .into_iter()
            .flat_map(|entries| entries.range::<str, _>((listing.start(), Bound::Unbounded)));
        for (key, entry) in entries.take_while(|(key, _)| key.starts_with(&listing.prefix)) {
            if pager.is_full_after(key, !is_over(entry.end, now), 0) {
                break;
            }
        }
        Ok(pager.into_page())
    }
}
