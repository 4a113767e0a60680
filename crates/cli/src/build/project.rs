//! What is built.

use std::fs;
use std::path::{Path, PathBuf};

use super::config::{self, Config};
use super::error::BuildError;
use super::tool::{self, Ended};
use super::{assemblyscript, c, cargo, detect, go, javascript, own_command, zig};
use crate::args::{BuildArgs, Global};
use crate::language::Language;

/// The source of a plug-in, and what was asked for.
pub(super) struct Project<'a> {
    /// Its folder, as an absolute path.
    pub(super) folder: PathBuf,
    pub(super) config: Config,
    /// What will be written, unless somebody says otherwise: the folder's name.
    name: String,
    /// Keep debug information.
    pub(super) debug: bool,
    pub(super) global: &'a Global,
}

/// What a compiler made.
pub(super) struct Built {
    /// The plug-in.
    pub(super) wasm: Vec<u8>,
    /// Its name, where the project has one that is not its folder's.
    pub(super) name: Option<String>,
    /// What to tell the author.
    pub(super) notes: Vec<String>,
}

impl<'a> Project<'a> {
    /// Reads what there is to know of a folder.
    ///
    /// # Errors
    ///
    /// When it cannot be read, its `plugwright.toml` is not valid, or its language cannot be told.
    pub(super) fn open(args: &BuildArgs, global: &'a Global) -> Result<Self, BuildError> {
        let cannot = |reason| BuildError::File { action: "read", path: args.folder.clone(), reason };
        let folder = fs::canonicalize(&args.folder).map_err(cannot)?;
        if folder.is_file() {
            return Self::of_file(&folder, args, global);
        }
        fs::read_dir(&folder).map_err(cannot)?;
        let mut config = Config::read(&folder)?;
        if config.command.is_empty() && config.language.is_none() {
            config = config.with_language(detect::language(&folder)?, &folder)?;
        }
        let name =
            folder.file_name().map_or_else(|| "plugin".into(), |name| name.to_string_lossy().into_owned());
        Ok(Self { folder, config, name, debug: args.debug, global })
    }

    /// A project of one file, which a `plugwright.toml` beside it is not about.
    fn of_file(file: &Path, args: &BuildArgs, global: &'a Global) -> Result<Self, BuildError> {
        let Some(language) = javascript::language(file) else {
            return Err(BuildError::NotASource { path: args.folder.clone() });
        };
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = file.parent().unwrap_or(file).to_owned();
        let sources = vec![file.to_owned()];
        let config = Config { language: Some(language), sources, ..Config::default() };
        Ok(Self { folder, config, name, debug: args.debug, global })
    }

    /// The language; unknown when the project builds itself.
    pub(super) fn language(&self) -> Option<Language> {
        self.config.language
    }

    /// Whether it is in JavaScript or TypeScript.
    pub(super) fn is_javascript(&self) -> bool {
        matches!(self.language(), Some(Language::JavaScript | Language::TypeScript))
    }

    /// Runs the language's compiler, or the project's own command.
    ///
    /// # Errors
    ///
    /// When a tool is missing or fails, or makes no plug-in.
    pub(super) fn build(&self) -> Result<Built, BuildError> {
        match self.language() {
            Some(Language::Rust) => cargo::build(self),
            Some(Language::Go) => go::build(self),
            Some(Language::C) => c::build(self),
            Some(Language::Zig) => zig::build(self),
            Some(Language::AssemblyScript) => assemblyscript::build(self),
            Some(Language::JavaScript | Language::TypeScript) => javascript::build(self),
            None => own_command::build(self),
        }
    }

    /// Where the plug-in is written when the command line does not say.
    pub(super) fn output(&self, name: Option<&str>) -> PathBuf {
        match &self.config.output {
            Some(output) => self.folder.join(output),
            None => self.folder.join(format!("{}.wasm", name.unwrap_or(&self.name))),
        }
    }

    /// The file that configures it.
    pub(super) fn config_file(&self) -> PathBuf {
        self.folder.join(config::FILE)
    }

    /// Starts a command in the folder and waits for its end.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub(super) fn run(&self, command: &mut std::process::Command) -> Result<Ended, BuildError> {
        tool::run(command.current_dir(&self.folder), self.global)
    }
}

/// A folder for what a compiler writes, which is gone when it is dropped.
///
/// # Errors
///
/// When it cannot be made.
pub(super) fn scratch() -> Result<tempfile::TempDir, BuildError> {
    tempfile::tempdir().map_err(|reason| BuildError::File {
        action: "make a folder in",
        path: std::env::temp_dir(),
        reason,
    })
}

/// Reads what a compiler wrote.
///
/// # Errors
///
/// When it is not there.
pub(super) fn read(path: &Path) -> Result<Built, BuildError> {
    match fs::read(path) {
        Ok(wasm) => Ok(Built { wasm, name: None, notes: Vec::new() }),
        Err(reason) => Err(BuildError::File { action: "read", path: path.to_owned(), reason }),
    }
}
