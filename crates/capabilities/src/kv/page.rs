//! Pages of keys.

use std::ops::Bound;

use serde::Serialize;

use crate::{Code, Failure};

/// Which keys a plug-in wants to see.
#[derive(Debug)]
pub(super) struct Listing {
    /// What they begin with.
    pub(super) prefix: String,
    /// What the page before said; `None` for the first one.
    pub(super) cursor: Option<String>,
    /// The most of them.
    pub(super) limit: usize,
}

impl Listing {
    /// Where the page begins in a store whose keys are in order, and whose cursors are keys.
    pub(super) fn start(&self) -> Bound<&str> {
        match self.cursor.as_deref() {
            Some(cursor) if cursor >= &*self.prefix => Bound::Excluded(cursor),
            _ => Bound::Included(&self.prefix),
        }
    }
}

/// Keys that begin with a prefix, as many as were asked for, and where the next ones are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Page {
    pub(super) keys: Vec<String>,
    /// To be passed for the next page; `None` when this is the last one.
    pub(super) cursor: Option<String>,
}

impl Page {
    /// As plug-ins get it.
    ///
    /// # Errors
    ///
    /// `Internal`, which does not happen: texts can always be written as JSON.
    pub(super) fn to_json(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(self).map_err(|error| Failure::new(Code::Internal, error.to_string()))
    }
}

/// How many entries are looked at for one page. Where many have ended, a page may be empty and yet not be the last.
const LOOKED_AT: usize = 4096;

/// How many bytes of entries are read for one page: entries are read whole, also for their keys alone.
const MOST_BYTES: usize = 4 << 20;

/// Makes a page of entries that come in order.
#[derive(Debug)]
pub(super) struct Pager {
    page: Page,
    limit: usize,
    looked_at: usize,
    bytes: usize,
    /// The last key that was looked at.
    last: String,
}

impl Pager {
    /// A page of so many keys.
    pub(super) fn new(limit: usize) -> Self {
        let page = Page { keys: Vec::new(), cursor: None };
        Self { page, limit, looked_at: 0, bytes: 0, last: String::new() }
    }

    /// Takes the next key, for which so many bytes were read, if its entry is `live`. Whether it was one too many: then the page is full,
    /// and there is another one.
    pub(super) fn is_full_after(&mut self, key: &str, live: bool, bytes: usize) -> bool {
        if self.page.keys.len() == self.limit || self.looked_at == LOOKED_AT || self.bytes >= MOST_BYTES {
            self.page.cursor = Some(std::mem::take(&mut self.last));
            return true;
        }
        self.looked_at += 1;
        self.bytes += bytes;
        self.last.clear();
        self.last.push_str(key);
        if live {
            self.page.keys.push(key.to_owned());
        }
        false
    }

    pub(super) fn into_page(self) -> Page {
        self.page
    }
}
