//! Where in a manifest a value is: `wasm[1].hash`, `config."my key"`.

use std::fmt;

/// Longer keys and values are cut when an error quotes them, so that a message stays one readable line.
const QUOTED_CHARS: usize = 60;

/// One step into a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Segment {
    /// The value under this key of a table (a JSON object).
    Key(String),
    /// The item at this index of a list, counted from 0.
    Index(usize),
}

/// The way from the top of a manifest to one of its values; empty for the manifest itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct FieldPath(Vec<Segment>);

impl FieldPath {
    /// The path of the manifest itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The path of the value under `key`.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.child(Segment::Key(key.into()))
    }

    /// The path of the item at `index`.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.child(Segment::Index(index))
    }

    /// The steps, outermost first.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    fn child(&self, segment: Segment) -> Self {
        Self(self.0.iter().cloned().chain([segment]).collect())
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("manifest");
        }
        for (depth, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    let dot = if depth == 0 { "" } else { "." };
                    if is_bare(key) { write!(f, "{dot}{key}")? } else { write!(f, "{dot}{}", quote(key))? }
                }
            }
        }
        Ok(())
    }
}

fn is_bare(key: &str) -> bool {
    (1..=QUOTED_CHARS).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// `text` in double quotes, escaped so that it stays on one line, and cut when it is long.
pub(crate) fn quote(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_keys_and_indexes() {
        let path = FieldPath::root().key("wasm").index(1).key("pth");
        assert_eq!(path.to_string(), "wasm[1].pth");
        assert_eq!(path.segments().len(), 3);
        assert_eq!(FieldPath::root().to_string(), "manifest");
    }

    #[test]
    fn quotes_keys_that_would_be_misread() {
        assert_eq!(FieldPath::root().key("config").key("a.b\nc").to_string(), r#"config."a.b\nc""#);
        assert_eq!(FieldPath::root().key("").to_string(), r#""""#);
    }

    #[test]
    fn cuts_long_keys_between_characters() {
        let shown = FieldPath::root().key("é".repeat(500)).to_string();
        assert_eq!(shown, format!("\"{}\"…", "é".repeat(60)));
    }
}
