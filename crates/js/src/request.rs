//! What the engine is told, and what it answers: `pdks/js/engine/INTERFACE.md` describes both.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::front::{HostFunction, Signature};

/// All of a plug-in.
#[derive(Serialize)]
pub(crate) struct Request<'a> {
    pub(crate) prelude: Vec<Prelude<'a>>,
    pub(crate) files: &'a [File],
    pub(crate) links: &'a Links,
    pub(crate) entry: &'a str,
    pub(crate) host_functions: &'a [HostFunction],
    pub(crate) exports: &'a BTreeMap<String, Signature>,
}

/// What each file's names stand for.
pub(crate) type Links = BTreeMap<String, BTreeMap<String, String>>;

/// A part of the surface that plug-ins have.
#[derive(Serialize)]
pub(crate) struct Prelude<'a> {
    pub(crate) name: &'a str,
    pub(crate) source: &'a str,
}

/// A file.
#[derive(Debug, Serialize)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) map: Option<Map>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Esm,
    Cjs,
    Json,
    Text,
    /// The functions of one of the host's modules.
    Host,
}

/// A source map.
#[derive(Debug, Serialize)]
pub(crate) struct Map {
    version: u32,
    sources: [String; 1],
    mappings: String,
}

impl Map {
    /// A map to one source.
    pub(crate) fn new(source: &str, mappings: String) -> Self {
        Self { version: 3, sources: [source.to_owned()], mappings }
    }
}

/// What became of the request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Answer {
    /// The functions that the plug-in exports, in the order of their indices.
    Exports(Vec<String>),
    Error(Failure),
}

/// An error of the sources.
#[derive(Debug, Deserialize)]
pub(crate) struct Failure {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) message: String,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<usize>,
    pub(crate) column: Option<usize>,
    #[serde(default)]
    pub(crate) stack: String,
}

#[cfg(test)]
mod tests {
    use super::Answer;

    #[test]
    fn answers() {
        let exports: Answer = serde_json::from_str(r#"{"exports": ["a"]}"#).unwrap();
        assert!(matches!(exports, Answer::Exports(names) if names == ["a"]));
        let text =
            r#"{"error": {"name": "SyntaxError", "message": "m", "file": "a.js", "line": 3, "stack": ""}}"#;
        let Answer::Error(failure) = serde_json::from_str(text).unwrap() else { panic!("no error") };
        assert_eq!((failure.line, failure.column, failure.file.as_deref()), (Some(3), None, Some("a.js")));
    }
}
