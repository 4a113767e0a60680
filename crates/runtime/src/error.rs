//! What can go wrong, as one type: [`Error`], with an [`ErrorKind`] to match on.

use std::error::Error as StdError;
use std::fmt;

mod backtrace;
mod kind;
mod report;

pub use backtrace::{Backtrace, Frame};
pub use kind::{ErrorKind, MissingImport, TrapKind};
pub use report::{ErrorReport, FrameReport, ImportReport};

/// The result of an operation on a plug-in.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error type, as host functions may return it.
pub(crate) type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// An error of a plug-in or of the host that runs it.
///
/// [`kind`](Error::kind) says what happened, for programs; `Display` prints one line for people, which names the
/// plug-in and the function when there are any, and says what to do about it where something can be done.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    plugin: Option<String>,
    function: Option<String>,
    backtrace: Option<Backtrace>,
    source: Option<BoxError>,
}

impl Error {
    /// An error of this kind with a message of one line.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            plugin: None,
            function: None,
            backtrace: None,
            source: None,
        }))
    }

    /// An error of kind [`ErrorKind::Decode`], for conversions of your own. The message should fit in one line.
    pub fn decode(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Decode, message)
    }

    /// An error of kind [`ErrorKind::Encode`], for conversions of your own. The message should fit in one line.
    pub fn encode(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Encode, message)
    }

    /// What happened.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The message alone, without the plug-in's and the function's name.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The name of the plug-in concerned.
    pub fn plugin(&self) -> Option<&str> {
        self.0.plugin.as_deref()
    }

    /// The name of the plug-in's function that was called.
    pub fn function(&self) -> Option<&str> {
        self.0.function.as_deref()
    }

    /// Where in the guest it happened, for errors that ended a call in the middle.
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.0.backtrace.as_ref()
    }

    pub(crate) fn with_plugin(mut self, name: &str) -> Self {
        self.0.plugin.get_or_insert_with(|| name.to_owned());
        self
    }

    pub(crate) fn with_function(mut self, name: &str) -> Self {
        self.0.function.get_or_insert_with(|| name.to_owned());
        self
    }

    pub(crate) fn with_backtrace(mut self, backtrace: Option<Backtrace>) -> Self {
        self.0.backtrace = self.0.backtrace.or(backtrace);
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.plugin, &self.0.function) {
            (Some(plugin), Some(function)) => write!(f, "plug-in `{plugin}`, function `{function}`: ")?,
            (Some(plugin), None) => write!(f, "plug-in `{plugin}`: ")?,
            (None, Some(function)) => write!(f, "function `{function}`: ")?,
            (None, None) => {}
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.0.kind).field("message", &self.0.message);
        for (name, value) in [("plugin", &self.0.plugin), ("function", &self.0.function)] {
            if let Some(value) = value {
                debug.field(name, value);
            }
        }
        if let Some(backtrace) = &self.0.backtrace {
            debug.field("backtrace", backtrace);
        }
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<plugwright_manifest::Error> for Error {
    fn from(error: plugwright_manifest::Error) -> Self {
        Self::new(ErrorKind::InvalidManifest, format!("invalid manifest: {error}")).with_source(error)
    }
}
