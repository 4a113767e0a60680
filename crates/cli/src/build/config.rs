//! `plugwright.toml`: how a plug-in is built, as far as that cannot be told from its folder.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::BuildError;
use crate::language::Language;

/// The file's name.
pub(super) const FILE: &str = "plugwright.toml";

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    #[serde(default)]
    build: Config,
    /// The affair of `plugwright serve`.
    #[serde(rename = "serve")]
    _serve: Option<IgnoredAny>,
    /// Likewise.
    #[serde(rename = "triggers")]
    _triggers: Option<IgnoredAny>,
    /// The stores of `plugwright serve`.
    #[serde(rename = "capabilities")]
    _capabilities: Option<IgnoredAny>,
}

/// Its table `[build]`. What is absent is found out, or has a default.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Config {
    /// The language of the source.
    pub(super) language: Option<Language>,
    /// Where the plug-in is written, from the project's folder.
    pub(super) output: Option<PathBuf>,
    /// What it is compiled for: with WASI or without.
    pub(super) target: Option<String>,
    /// The files that are compiled.
    pub(super) sources: Vec<PathBuf>,
    /// What the compiler is told besides.
    pub(super) flags: Vec<String>,
    /// Which compiler, where there are two.
    pub(super) compiler: Option<Compiler>,
    /// A program, with its arguments, that builds the plug-in instead.
    pub(super) command: Vec<String>,
    /// What that program writes.
    pub(super) artifact: Option<PathBuf>,
}

/// Compilers that plug-ins can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Compiler {
    Go,
    TinyGo,
    Zig,
    Clang,
}

impl Config {
    /// Reads the file in this folder; without one everything is found out.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is not valid, or says things that do not go together.
    pub(super) fn read(folder: &Path) -> Result<Self, BuildError> {
        let file = folder.join(FILE);
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(reason) => return Err(BuildError::File { action: "read", path: file, reason }),
            Ok(text) => text,
        };
        let parsed = Self::parse(&text);
        parsed.map_err(|reason| BuildError::Config { file, reason })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let project: Project = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
            let place = line.map(|line| format!(" (line {line})")).unwrap_or_default();
            format!("{}{place}", error.message())
        })?;
        let config = project.build;
        match config.misplaced() {
            Some((key, advice)) => Err(format!("`{key}` {advice}")),
            None => Ok(config),
        }
    }

    /// A key that has no meaning beside the others, and what to do about it.
    fn misplaced(&self) -> Option<(&'static str, String)> {
        if !self.command.is_empty() {
            let given = self.given().into_iter().find(|key| !matches!(*key, "artifact"));
            return given.map(|key| {
                (key, "means nothing beside `command`, which builds by itself; leave it out".to_owned())
            });
        }
        let language = self.language?;
        let meaningful: &[&str] = match language {
            Language::Rust => &["target", "flags"],
            Language::Go => &["sources", "flags", "compiler"],
            Language::C => &["target", "sources", "flags", "compiler"],
            Language::Zig => &["target", "sources", "flags", "artifact"],
            Language::AssemblyScript => &["sources", "flags"],
            Language::JavaScript | Language::TypeScript => &["sources"],
        };
        if let Some(key) = self.given().into_iter().find(|key| !meaningful.contains(key)) {
            return Some((key, format!("means nothing for a plug-in in {language}; leave it out")));
        }
        let compiler = match (language, self.compiler?) {
            (Language::Go, Compiler::Go | Compiler::TinyGo)
            | (Language::C, Compiler::Zig | Compiler::Clang) => return None,
            (Language::Go, _) => "\"go\" or \"tinygo\"",
            (_, _) => "\"zig\" or \"clang\"",
        };
        Some(("compiler", format!("must be {compiler} for a plug-in in {language}")))
    }

    /// The keys with a value whose meaning depends on the others.
    fn given(&self) -> Vec<&'static str> {
        [
            ("target", self.target.is_some()),
            ("sources", !self.sources.is_empty()),
            ("flags", !self.flags.is_empty()),
            ("compiler", self.compiler.is_some()),
            ("artifact", self.artifact.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, given)| given.then_some(key))
        .collect()
    }

    /// Checks again, now that the language is known that the file did not give.
    ///
    /// # Errors
    ///
    /// When a key means nothing for it.
    pub(super) fn with_language(mut self, language: Language, folder: &Path) -> Result<Self, BuildError> {
        self.language = Some(language);
        match self.misplaced() {
            Some((key, advice)) => {
                Err(BuildError::Config { file: folder.join(FILE), reason: format!("`{key}` {advice}") })
            }
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Compiler, Config, Language};

    #[track_caller]
    fn fails(text: &str, words: &[&str]) {
        let error = Config::parse(text).unwrap_err();
        for word in words {
            assert!(error.contains(word), "no `{word}` in: {error}");
        }
    }

    #[test]
    fn everything_is_optional() {
        assert_eq!(Config::parse(""), Ok(Config::default()));
        assert_eq!(Config::parse("[build]\n"), Ok(Config::default()));
        assert_eq!(Config::parse("[serve]\nlisten = 7\n"), Ok(Config::default()));
    }

    #[test]
    fn all_keys() {
        let text = "[build]\nlanguage = \"c\"\noutput = \"x.wasm\"\ntarget = \"wasm32-wasi\"\nsources = [\"a.c\", \"b.c\"]\n\
                    flags = [\"-DX\"]\ncompiler = \"clang\"\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.language, Some(Language::C));
        assert_eq!(config.sources.len(), 2);
        assert_eq!(config.compiler, Some(Compiler::Clang));
        let config =
            Config::parse("[build]\ncommand = [\"make\"]\nartifact = \"out/x.wasm\"\noutput = \"x.wasm\"\n")
                .unwrap();
        assert_eq!(config.command, ["make"]);
    }

    #[test]
    fn unknown_keys_are_named() {
        fails("[build]\nlanguag = \"c\"\n", &["languag", "`language`", "line 2"]);
        fails("[bild]\n", &["bild", "`build`", "line 1"]);
        fails("[build]\nlanguage = \"cobol\"\n", &["cobol", "`assemblyscript`", "line 2"]);
        fails("[build]\nflags = \"-O\"\n", &["line 2", "sequence"]);
        fails("[build\n", &["line 1"]);
    }

    #[test]
    fn keys_that_mean_nothing_are_named() {
        fails("[build]\ncommand = [\"make\"]\nflags = [\"-O\"]\n", &["`flags`", "`command`"]);
        fails("[build]\nlanguage = \"rust\"\nsources = [\"a.rs\"]\n", &["`sources`", "Rust"]);
        fails("[build]\nlanguage = \"go\"\ntarget = \"wasm32\"\n", &["`target`", "Go"]);
        fails("[build]\nlanguage = \"go\"\ncompiler = \"zig\"\n", &["`compiler`", "\"tinygo\""]);
        fails("[build]\nlanguage = \"c\"\ncompiler = \"go\"\n", &["`compiler`", "\"clang\""]);
        fails("[build]\nlanguage = \"c\"\nartifact = \"x.wasm\"\n", &["`artifact`", "in C"]);
        let config = Config::parse("[build]\ntarget = \"wasm32-wasip1\"\n").unwrap();
        let error = config.with_language(Language::Go, "x".as_ref()).unwrap_err().to_string();
        assert!(error.contains("plugwright.toml") && error.contains("`target`"), "{error}");
    }
}
