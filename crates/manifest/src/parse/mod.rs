//! Text to manifests.
//!
//! Text is read into a tree that keeps everything, duplicate keys included; the tree is read into a manifest
//! by hand, because derived deserialisers cannot name the full path of a field; and only when that fails is
//! the text gone through again to find the field's line and column.

mod locate;
mod node;
mod read;
mod suggest;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Format, Position, one_line};
use crate::manifest::Manifest;
use crate::sniff::without_bom;

use self::locate::Target;
use self::node::Node;

/// How to read a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ParseOptions {
    /// Accept `data` as `{"ptr": …, "len": …}`; see
    /// [`WasmSource::Pointer`](crate::WasmSource::Pointer). Off by default.
    pub allow_pointers: bool,
}

impl ParseOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`allow_pointers`](Self::allow_pointers).
    #[must_use]
    pub fn with_pointers(mut self, allow: bool) -> Self {
        self.allow_pointers = allow;
        self
    }
}

pub(crate) fn json(text: &[u8], options: ParseOptions) -> Result<Manifest, Error> {
    let text = without_bom(text);
    let node = serde_json::from_slice::<Node>(text).map_err(|error| {
        let suffix = format!(" at line {} column {}", error.line(), error.column());
        let message = error.to_string();
        Error::Syntax {
            format: Format::Json,
            position: json_position(&error),
            message: one_line(message.strip_suffix(&suffix).unwrap_or(&message)),
        }
    })?;
    checked(node, options).map_err(|mut error| {
        let start = Target::of(&error).and_then(|target| locate::json(text, target));
        error.set_position(start.and_then(|start| position(text, start)));
        error
    })
}

pub(crate) fn toml(text: &str, options: ParseOptions) -> Result<Manifest, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let node = toml::from_str::<Node>(text).map_err(|error| Error::Syntax {
        format: Format::Toml,
        position: error.span().and_then(|span| position(text.as_bytes(), span.start)),
        message: one_line(error.message()),
    })?;
    checked(node, options).map_err(|mut error| {
        let start = Target::of(&error).and_then(|target| locate::toml(text, target));
        error.set_position(start.and_then(|start| position(text.as_bytes(), start)));
        error
    })
}

/// Reads and validates, with default [`ParseOptions`]. Errors name the field, but know no line.
impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        checked(node, ParseOptions::default()).map_err(D::Error::custom)
    }
}

fn checked(node: Node, options: ParseOptions) -> Result<Manifest, Error> {
    let manifest = read::manifest(node, options)?;
    manifest.validate()?;
    Ok(manifest)
}

fn json_position(error: &serde_json::Error) -> Option<Position> {
    (error.line() > 0).then(|| Position { line: error.line(), column: error.column().max(1) })
}

/// The line and column of the byte at `index`.
fn position(text: &[u8], index: usize) -> Option<Position> {
    let before = text.get(..index)?;
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    Some(Position { line, column: index - line_start + 1 })
}

#[cfg(test)]
mod tests;
