//! Finds where in a text a field is. Only runs when there is an error to report.

use toml::de::{DeTable, DeValue};

use crate::error::Error;
use crate::field::Segment;

/// What to look for: a field, and how many of its key's occurrences to pass over.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    path: &'a [Segment],
    skip: usize,
}

impl<'a> Target<'a> {
    /// The field that `error` is about; `None` if it is about none.
    pub(crate) fn of(error: &'a Error) -> Option<Self> {
        let mut path = error.field()?.segments();
        if matches!(error, Error::MissingField { .. }) {
            // What is missing has no place; what lacks it has one.
            path = &path[..path.len().saturating_sub(1)];
        }
        Some(Self { path, skip: usize::from(matches!(error, Error::DuplicateField { .. })) })
    }
}

/// The index in `text`, which must be well-formed JSON, of the first byte of the target's key or list item.
pub(crate) fn json(text: &[u8], target: Target<'_>) -> Option<usize> {
    let mut scan = JsonScan { text, at: 0 };
    scan.space();
    let mut start = scan.at;
    for (depth, segment) in target.path.iter().enumerate() {
        let is_last = depth + 1 == target.path.len();
        start = match segment {
            Segment::Index(index) => scan.enter_item(*index)?,
            Segment::Key(key) => scan.enter_key(key, if is_last { target.skip } else { 0 })?,
        };
    }
    Some(start)
}

/// The index in `text` of the first byte of the target's key or list item.
pub(crate) fn toml(text: &str, target: Target<'_>) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let (first, rest) = match target.path {
        [] => return Some(0),
        [Segment::Key(first), rest @ ..] => (first, rest),
        [Segment::Index(_), ..] => return None,
    };
    let (key, mut value) = table.get_ref().iter().find(|(key, _)| key.get_ref() == first)?;
    let mut start = key.span().start;
    for segment in rest {
        (start, value) = match (segment, value.get_ref()) {
            (Segment::Index(index), DeValue::Array(items)) => {
                let item = items.get(*index)?;
                (item.span().start, item)
            }
            (Segment::Key(wanted), DeValue::Table(table)) => {
                let (key, value) = table.iter().find(|(key, _)| key.get_ref() == wanted)?;
                (key.span().start, value)
            }
            _ => return None,
        };
    }
    Some(start)
}

/// Walks over JSON that is known to be well-formed.
struct JsonScan<'a> {
    text: &'a [u8],
    at: usize,
}

impl JsonScan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Passes `byte`, which must be next, and the space around it.
    fn pass(&mut self, byte: u8) -> Option<()> {
        self.space();
        if self.peek()? != byte {
            return None;
        }
        self.at += 1;
        self.space();
        Some(())
    }

    /// Goes to the item at `index` of the list that is next, and returns where it starts.
    fn enter_item(&mut self, index: usize) -> Option<usize> {
        self.pass(b'[')?;
        for _ in 0..index {
            self.value()?;
            self.pass(b',')?;
        }
        Some(self.at)
    }

    /// Goes to the value under `wanted` in the table that is next, past `skip` other values under that key, and
    /// returns where the key starts.
    fn enter_key(&mut self, wanted: &str, mut skip: usize) -> Option<usize> {
        self.pass(b'{')?;
        loop {
            let start = self.at;
            self.string()?;
            let key: String = serde_json::from_slice(self.text.get(start..self.at)?).ok()?;
            self.pass(b':')?;
            if key == wanted {
                if skip == 0 {
                    return Some(start);
                }
                skip -= 1;
            }
            self.value()?;
            self.pass(b',')?;
        }
    }

    fn string(&mut self) -> Option<()> {
        loop {
            self.at += 1;
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 1,
                _ => {}
            }
        }
        self.at += 1;
        Some(())
    }

    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => self.string()?,
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                // The end of what is around a plain value.
                b']' | b'}' | b',' if depth == 0 => return Some(()),
                b']' | b'}' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }
}
