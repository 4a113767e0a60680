//! The languages that `new` writes projects in and `build` builds.

use std::fmt::{self, Display};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A language that plug-ins are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    Rust,
    Go,
    /// C++ as well.
    C,
    Zig,
    #[value(name = "assemblyscript", alias = "as")]
    AssemblyScript,
    #[value(name = "js", alias = "javascript")]
    #[serde(rename = "js", alias = "javascript")]
    JavaScript,
    #[value(name = "ts", alias = "typescript")]
    #[serde(rename = "ts", alias = "typescript")]
    TypeScript,
}

impl Language {
    /// As it is written on the command line and in `plugwright.toml`.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Go => "go",
            Self::C => "c",
            Self::Zig => "zig",
            Self::AssemblyScript => "assemblyscript",
            Self::JavaScript => "js",
            Self::TypeScript => "ts",
        }
    }
}

impl Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::Go => "Go",
            Self::C => "C",
            Self::Zig => "Zig",
            Self::AssemblyScript => "AssemblyScript",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::Language;

    #[test]
    fn a_language_has_one_key() {
        for &language in Language::value_variants() {
            assert_eq!(Language::from_str(language.key(), false), Ok(language));
            assert_eq!(serde_json::to_value(language).unwrap(), language.key());
        }
        assert_eq!(Language::from_str("as", false), Ok(Language::AssemblyScript));
    }
}
