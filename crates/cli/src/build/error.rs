//! Why a plug-in's source does not become a plug-in.

use std::io::{self, Write};
use std::path::PathBuf;

use thiserror::Error;

use super::tool::Tool;
use crate::language::Language;

/// What went wrong, and what to do.
#[derive(Debug, Error)]
pub(crate) enum BuildError {
    /// Nothing in the folder says that it holds a plug-in's source.
    #[error(
        "`{}` has no source of a plug-in: no Cargo.toml, go.mod, build.zig, asconfig.json, package.json, \
         *.go, *.zig, *.c or index.js; name another folder, or begin one with `plugwright new`",
        folder.display()
    )]
    NoSource { folder: PathBuf },
    /// Several things in the folder do.
    #[error(
        "`{}` could be a plug-in in {}; write `language = \"{}\"`, or which one it is, under `[build]` in `{}`",
        folder.display(),
        list(candidates),
        candidates.first().map_or(Language::Rust, |(language, _)| *language).key(),
        folder.join(super::config::FILE).display()
    )]
    Ambiguous { folder: PathBuf, candidates: Vec<(Language, PathBuf)> },
    /// `plugwright.toml` is not valid.
    #[error("`{}` is not valid: {reason}", file.display())]
    Config { file: PathBuf, reason: String },
    /// A file cannot be read or written.
    #[error("cannot {action} `{}`: {reason}", path.display())]
    File { action: &'static str, path: PathBuf, reason: io::Error },
    /// A program that the build needs is not there.
    #[error("`{}` is not installed, or not on the PATH: {}; {}", .0.program, .0.purpose, .0.remedy)]
    MissingTool(&'static Tool),
    /// A program that the project itself names is not there.
    #[error("cannot run `{program}`, which `command` in `{}` names: {reason}", file.display())]
    MissingCommand { program: String, file: PathBuf, reason: io::Error },
    /// Something that belongs to a tool is not there.
    #[error("{what} is not installed: {purpose}; {remedy}")]
    MissingPart { what: String, purpose: &'static str, remedy: String },
    /// A program could not be started, though it is there.
    #[error("cannot run `{program}`: {reason}")]
    NotStarted { program: String, reason: io::Error },
    /// A program said no.
    #[error("`{command}` failed with {status}; what it said is above")]
    Failed {
        command: String,
        status: String,
        /// What it said and nobody has seen yet.
        said: Vec<u8>,
    },
    /// A file that is not the source of a plug-in by itself.
    #[error("`{}` is no source of a plug-in: name its folder, or a file in JavaScript or TypeScript", path.display())]
    NotASource { path: PathBuf },
    /// Sources in JavaScript or TypeScript.
    #[error(transparent)]
    JavaScript(#[from] plugwright_js::Error),
    /// The tools were happy, but what came out is not the one plug-in.
    #[error("{0}")]
    NoPlugin(String),
}

impl BuildError {
    /// Shows what a program said that failed, or the places in a source that are wrong.
    pub(super) fn show_what_was_said(&self) {
        // Without standard error nobody can be told.
        match self {
            Self::Failed { said, .. } => drop(io::stderr().write_all(said)),
            Self::JavaScript(error) => {
                if let Some(excerpts) = error.excerpts() {
                    drop(writeln!(io::stderr(), "{excerpts}\n"));
                }
            }
            _ => {}
        }
    }
}

fn list(candidates: &[(Language, PathBuf)]) -> String {
    let described: Vec<String> =
        candidates.iter().map(|(language, file)| format!("{language} (`{}`)", file.display())).collect();
    described.join(" or ")
}
