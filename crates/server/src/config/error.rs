//! What is wrong with a configuration, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// What is wrong with a configuration. It prints in one line, with file, line, route and field as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    file: Option<PathBuf>,
    line: Option<usize>,
    subject: Option<String>,
    field: Option<String>,
    message: String,
}

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { file: None, line: None, subject: None, field: None, message: message.into() }
    }

    pub(crate) fn at(mut self, file: &Path, line: Option<usize>) -> Self {
        self.file = Some(file.to_owned());
        self.line = line;
        self
    }

    pub(crate) fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    pub(crate) fn field(mut self, field: &str) -> Self {
        self.field = (!field.is_empty()).then(|| field.to_owned());
        self
    }

    /// The file concerned.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The line in it, from 1.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The route or plug-in concerned.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The field concerned.
    pub fn field_name(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What is wrong, and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if let Some(file) = &self.file {
            write!(f, "`{}`", file.display())?;
            separator = ", ";
        }
        if let Some(line) = self.line {
            write!(f, "{separator}line {line}")?;
            separator = ", ";
        }
        if let Some(subject) = &self.subject {
            write!(f, "{separator}{subject}")?;
            separator = ", ";
        }
        if let Some(field) = &self.field {
            write!(f, "{separator}`{field}`")?;
            separator = ", ";
        }
        if !separator.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}
