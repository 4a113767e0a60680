//! Replacements of bytes of the module.

use std::ops::Range;

/// Replacements in the order of what they replace.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    list: Vec<Edit>,
    bytes: Vec<u8>,
}

/// One replacement.
#[derive(Debug)]
struct Edit {
    /// What is replaced, as offsets in the module. Empty for an insertion.
    at: Range<usize>,
    /// What replaces it, as offsets in [`Edits::bytes`].
    by: Range<usize>,
}

/// A moment to go back to, or the edit that was begun then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    edits: usize,
    bytes: usize,
}

impl Edits {
    /// Replaces `at`, which follows all earlier replacements, by what `write` writes. Returns how many bytes that are.
    pub(crate) fn replace(&mut self, at: Range<usize>, write: impl FnOnce(&mut Vec<u8>)) -> usize {
        let start = self.bytes.len();
        write(&mut self.bytes);
        self.list.push(Edit { at, by: start..self.bytes.len() });
        self.bytes.len() - start
    }

    /// The present moment.
    pub(crate) fn mark(&self) -> Mark {
        Mark { edits: self.list.len(), bytes: self.bytes.len() }
    }

    /// Begins a replacement of `at` that [`complete`](Self::complete) is to give its bytes.
    pub(crate) fn begin(&mut self, at: Range<usize>) -> Mark {
        let mark = self.mark();
        self.replace(at, |_| ());
        mark
    }

    /// Gives the replacement that was begun at `mark` its bytes.
    pub(crate) fn complete(&mut self, mark: Mark, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        if let Some(edit) = self.list.get_mut(mark.edits) {
            edit.by = start..self.bytes.len();
        }
    }

    /// Forgets all replacements since `mark`.
    pub(crate) fn undo(&mut self, mark: Mark) {
        self.list.truncate(mark.edits);
        self.bytes.truncate(mark.bytes);
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// What is replaced, and by what.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Range<usize>, &[u8])> {
        self.list.iter().map(|edit| (edit.at.clone(), &self.bytes[edit.by.clone()]))
    }
}
