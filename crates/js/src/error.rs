//! Why sources do not become a plug-in.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::excerpt::Excerpt;

/// What is wrong, and what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read `{}`: {reason}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// Nothing in a folder says where the plug-in begins.
    #[error(
        "`{}` does not say which file is the plug-in's first: there is no src/index, index, src/plugin or plugin with the ending \
         .ts or .js, and no package.json whose `source`, `exports`, `module` or `main` names a file that is there; name the file itself",
        folder.display()
    )]
    NoEntry {
        /// The folder.
        folder: PathBuf,
    },
    /// A `package.json` or `tsconfig.json` is not valid.
    #[error("`{}` is not valid: {reason}", path.display())]
    Package {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Something at certain places of the sources.
    #[error("{}", list(.0))]
    Source(Vec<Problem>),
    /// The top level of the sources threw, or uses what only a call has.
    #[error("{message}{}", place(.at.as_deref()))]
    TopLevel {
        /// What happened.
        message: String,
        /// Where, as far as that is known.
        at: Option<Box<Excerpt>>,
    },
    /// The sources export nothing that is a function.
    #[error(
        "`{file}` exports no function; a plug-in's functions are those that its first file exports: \
         `export function hello(name) {{ … }}`, or `module.exports = {{ hello }}`"
    )]
    NoExports {
        /// The first file.
        file: String,
    },
    /// A `.d.ts` declares an export that is not there.
    #[error("`{declarations}` declares the function `{name}`, which `{file}` does not export")]
    Undefined {
        /// The file that declares it.
        declarations: String,
        /// The function.
        name: String,
        /// The first file of the sources.
        file: String,
    },
    /// The reader gave up on a file.
    #[error("`{file}` cannot be read as JavaScript: {error}; it may be too large, or nested too deeply")]
    Unreadable {
        /// The file.
        file: String,
        /// What stopped the reader.
        error: plugwright::Error,
    },
    /// A function of the host is declared in two ways.
    #[error(
        "the function `{name}` of the host's module `{module}` is declared twice, with different types; leave one declaration"
    )]
    Conflict {
        /// The host's module.
        module: String,
        /// The function.
        name: String,
    },
    /// An export has a name that is not free.
    #[error(
        "the plug-in cannot export a function called `{name}`, which means something else to hosts; give it another name"
    )]
    Reserved {
        /// The name.
        name: String,
    },
    /// Our own part failed.
    #[error("{doing} failed: {0}", doing = .1)]
    Runtime(#[source] plugwright::Error, &'static str),
    /// What we ship is not what it should be: a mistake of ours.
    #[error("the JavaScript engine of this program is damaged: {0}; please report it")]
    Damaged(String),
}

/// Something wrong at a place of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// What to do, if that is not obvious.
    pub help: Option<String>,
    /// Where.
    pub at: Excerpt,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.message, self.at)?;
        match &self.help {
            Some(help) => write!(f, "\n{} = help: {help}", " ".repeat(self.at.line.to_string().len())),
            None => Ok(()),
        }
    }
}

impl Error {
    /// The places in the sources that this is about, several lines for each, for people to read; the message itself is one line.
    pub fn excerpts(&self) -> Option<String> {
        match self {
            Self::Source(problems) => {
                Some(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))
            }
            Self::TopLevel { message, at: Some(at) } => Some(format!("{message}\n{at}")),
            _ => None,
        }
    }
}

fn list(problems: &[Problem]) -> String {
    let Some(first) = problems.first() else { return "the sources are not valid".to_owned() };
    let more = match problems.len() - 1 {
        0 => String::new(),
        1 => "; there is another mistake".to_owned(),
        more => format!("; there are {more} more mistakes"),
    };
    let help = first.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{}{}{help}{more}", first.message, place(Some(&first.at)))
}

fn place(at: Option<&Excerpt>) -> String {
    at.map(|at| format!(" (`{}`, line {}, column {})", at.file, at.line, at.column)).unwrap_or_default()
}
