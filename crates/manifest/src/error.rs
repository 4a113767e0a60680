//! What can be wrong with a manifest.

use std::fmt;

use crate::field::{FieldPath, quote};

/// A text format of manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// JSON.
    Json,
    /// TOML.
    Toml,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Toml => "TOML",
        })
    }
}

/// A place in a manifest's text: the first byte of a field's key, or of an item of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in bytes, counted from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The value that an [`Error`] is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// Its path from the top of the manifest.
    pub field: FieldPath,
    /// Its place in the text; `None` for a manifest that was built in memory.
    pub position: Option<Position>,
}

impl From<FieldPath> for Location {
    fn from(field: FieldPath) -> Self {
        Self { field, position: None }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "{} ({position})", self.field),
            None => write!(f, "{}", self.field),
        }
    }
}

/// Why a manifest was refused. The text is one line: the field, where it is, what is wrong, what to do.
///
/// Values are not repeated where they may be secret (configuration, headers, URLs).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not well-formed JSON or TOML.
    #[error("the manifest is not valid {format}{}: {message}", at_position(.position))]
    Syntax {
        /// The format that was expected.
        format: Format,
        /// Where reading stopped, when known.
        position: Option<Position>,
        /// What the parser says.
        message: String,
    },
    /// A field that manifests do not have.
    #[error("{at}: unknown field; {}", unknown_advice(.nearest.as_deref(), .known))]
    UnknownField {
        /// The unknown field.
        at: Location,
        /// The known field with the most similar name, if one is similar.
        nearest: Option<String>,
        /// All fields that are known at this place.
        known: &'static [&'static str],
    },
    /// A key that occurs twice in one object.
    #[error("{at}: the key occurs more than once; keep one of them")]
    DuplicateField {
        /// The second occurrence.
        at: Location,
    },
    /// A field that must be there.
    #[error("{at}: the field is missing; add {expected}")]
    MissingField {
        /// The missing field.
        at: Location,
        /// What to add.
        expected: &'static str,
    },
    /// A value of another type than the field has.
    #[error("{at}: expected {expected}, found {found}")]
    WrongType {
        /// The value.
        at: Location,
        /// The type that the field has.
        expected: &'static str,
        /// The type of the value.
        found: &'static str,
    },
    /// A number outside the field's range.
    #[error("{at}: {given} is out of range; {advice}")]
    OutOfRange {
        /// The number.
        at: Location,
        /// What was given.
        given: String,
        /// What is possible.
        advice: &'static str,
    },
    /// The list of modules is empty.
    #[error("{at}: the list is empty; add at least one module, such as {{\"path\": \"plugin.wasm\"}}")]
    NoModules {
        /// The list.
        at: Location,
    },
    /// A module with no source or with several.
    #[error("{at}: {}; give exactly one of `path`, `data` and `url`", sources_found(.found))]
    SourceCount {
        /// The module.
        at: Location,
        /// The sources that it has.
        found: Vec<&'static str>,
    },
    /// A request field on a module that is not fetched from a URL.
    #[error("{at}: the field applies to `url` modules only; remove it, or give a `url`")]
    NotApplicable {
        /// The field.
        at: Location,
    },
    /// A module name that is already taken.
    #[error("{at}: wasm[{first}] is named {} too; give each module a name of its own", quote(.name))]
    DuplicateName {
        /// The second module's name.
        at: Location,
        /// The name.
        name: String,
        /// Index of the first module with that name.
        first: usize,
    },
    /// An empty module name.
    #[error("{at}: the name is empty; leave `name` out, or name the module as importers call it")]
    EmptyName {
        /// The name.
        at: Location,
    },
    /// A hash that is not a SHA-256 in hexadecimal.
    #[error("{at}: {reason}; a SHA-256 hash is 64 hexadecimal digits, as `sha256sum` prints them")]
    InvalidHash {
        /// The hash.
        at: Location,
        /// What is wrong with it.
        reason: String,
    },
    /// Module data that is not base64.
    #[error("{at}: not base64 ({reason}); encode the module's bytes with the standard alphabet")]
    InvalidBase64 {
        /// The data.
        at: Location,
        /// What is wrong with it.
        reason: String,
    },
    /// A pointer where the parser was not told to accept pointers.
    #[error("{at}: a pointer means something only to a caller of the C interface; give the data as base64")]
    PointerRefused {
        /// The data.
        at: Location,
    },
    /// A URL from which a module cannot be fetched.
    #[error("{at}: {reason}; a module's URL looks like https://host/plugin.wasm")]
    InvalidUrl {
        /// The URL.
        at: Location,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A request method or header that HTTP does not allow.
    #[error("{at}: {reason}")]
    InvalidRequest {
        /// The method or header.
        at: Location,
        /// What is wrong with it, and what is allowed.
        reason: &'static str,
    },
    /// A pattern that can match no host.
    #[error("{at}: {} is not a host pattern: {reason}", quote(.pattern))]
    InvalidHostPattern {
        /// The pattern.
        at: Location,
        /// Its text.
        pattern: String,
        /// What is wrong with it, and what to write.
        reason: &'static str,
    },
    /// A path that names no file or folder.
    #[error("{at}: {reason}")]
    InvalidPath {
        /// The path.
        at: Location,
        /// What is wrong with it, and what to write.
        reason: String,
    },
    /// A manifest that cannot be written as text, because a path is not Unicode.
    #[error("the manifest cannot be written as {format}: {message}")]
    Encode {
        /// The format.
        format: Format,
        /// What cannot be written.
        message: String,
    },
}

impl Error {
    /// The value that the error is about; `None` when the text could not be read at all.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Syntax { .. } | Self::Encode { .. } => None,
            Self::UnknownField { at, .. }
            | Self::DuplicateField { at }
            | Self::MissingField { at, .. }
            | Self::WrongType { at, .. }
            | Self::OutOfRange { at, .. }
            | Self::NoModules { at }
            | Self::SourceCount { at, .. }
            | Self::NotApplicable { at }
            | Self::DuplicateName { at, .. }
            | Self::EmptyName { at }
            | Self::InvalidHash { at, .. }
            | Self::InvalidBase64 { at, .. }
            | Self::PointerRefused { at }
            | Self::InvalidUrl { at, .. }
            | Self::InvalidRequest { at, .. }
            | Self::InvalidHostPattern { at, .. }
            | Self::InvalidPath { at, .. } => Some(at),
        }
    }

    /// The field that the error is about.
    pub fn field(&self) -> Option<&FieldPath> {
        self.location().map(|at| &at.field)
    }

    /// Where in the text the error is.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Syntax { position, .. } => *position,
            other => other.location().and_then(|at| at.position),
        }
    }

    pub(crate) fn set_position(&mut self, position: Option<Position>) {
        match self {
            Self::Syntax { position: at, .. } => *at = position,
            Self::Encode { .. } => {}
            Self::UnknownField { at, .. }
            | Self::DuplicateField { at }
            | Self::MissingField { at, .. }
            | Self::WrongType { at, .. }
            | Self::OutOfRange { at, .. }
            | Self::NoModules { at }
            | Self::SourceCount { at, .. }
            | Self::NotApplicable { at }
            | Self::DuplicateName { at, .. }
            | Self::EmptyName { at }
            | Self::InvalidHash { at, .. }
            | Self::InvalidBase64 { at, .. }
            | Self::PointerRefused { at }
            | Self::InvalidUrl { at, .. }
            | Self::InvalidRequest { at, .. }
            | Self::InvalidHostPattern { at, .. }
            | Self::InvalidPath { at, .. } => at.position = position,
        }
    }
}

fn at_position(position: &Option<Position>) -> String {
    position.map(|position| format!(" at {position}")).unwrap_or_default()
}

fn unknown_advice(nearest: Option<&str>, known: &[&str]) -> String {
    match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the fields here are {}", known.join(", ")),
    }
}

fn sources_found(found: &[&str]) -> String {
    if found.is_empty() {
        "the module has no source".to_owned()
    } else {
        format!("the module has several sources ({})", found.join(", "))
    }
}

/// `text` with its lines joined, because an error is one line.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
