//! An error as a JSON object.

use std::io;

use plugwright::manifest;
use plugwright::{Error, ErrorKind, Frame};
use serde::Serialize;

use super::{Failure, advice, context, of_plugin};

/// What the object holds. Fields without a value are `null`; `missing` and `nearest` are only there when they say something.
#[derive(Serialize)]
pub(super) struct Report {
    kind: &'static str,
    message: String,
    plugin: Option<String>,
    function: Option<String>,
    code: Option<i32>,
    backtrace: Option<Vec<FrameReport>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<ImportReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nearest: Vec<String>,
}

#[derive(Serialize)]
struct FrameReport {
    function: Option<String>,
    function_index: u32,
    offset: Option<usize>,
    file: Option<String>,
    line: Option<u32>,
}

#[derive(Serialize)]
struct ImportReport {
    module: String,
    name: String,
    #[serde(rename = "type")]
    ty: String,
    hint: Option<String>,
}

impl Report {
    /// Flags that the parser refused.
    pub(super) fn of_usage(error: &clap::Error) -> Self {
        let text = error.to_string();
        let first = text.split("\n\n").next().unwrap_or_default();
        let message = first.strip_prefix("error: ").unwrap_or(first);
        Self::new("Usage", message.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    pub(super) fn of(error: &anyhow::Error) -> Self {
        match of_plugin(error) {
            Some(plugin_error) => Self::of_plugin_error(plugin_error, &context(error)),
            None => Self::new(kind(error), format!("{error:#}")),
        }
    }

    fn of_plugin_error(error: &Error, context: &str) -> Self {
        let mut report = Self::new(error.kind().name(), format!("{context}{}", advice::message(error)));
        report.plugin = error.plugin().map(str::to_owned);
        report.function = error.function().map(str::to_owned);
        report.backtrace =
            error.backtrace().map(|backtrace| backtrace.frames().iter().map(FrameReport::from).collect());
        match error.kind() {
            ErrorKind::Guest { code, message } => {
                report.code = Some(*code);
                if !message.is_empty() {
                    report.message.clone_from(message);
                }
            }
            ErrorKind::Exit(code) => report.code = Some(*code),
            ErrorKind::FunctionNotFound { nearest } => report.nearest.clone_from(nearest),
            ErrorKind::Link { missing } => {
                report.missing = missing
                    .iter()
                    .map(|import| ImportReport {
                        module: import.module.clone(),
                        name: import.name.clone(),
                        ty: import.ty.clone(),
                        hint: import.hint.clone(),
                    })
                    .collect();
            }
            _ => {}
        }
        report
    }

    fn new(kind: &'static str, message: String) -> Self {
        Self {
            kind,
            message,
            plugin: None,
            function: None,
            code: None,
            backtrace: None,
            missing: Vec::new(),
            nearest: Vec::new(),
        }
    }
}

impl From<&Frame> for FrameReport {
    fn from(frame: &Frame) -> Self {
        Self {
            function: frame.function.clone(),
            function_index: frame.function_index,
            offset: frame.offset,
            file: frame.file.clone(),
            line: frame.line,
        }
    }
}

/// The kind of an error that is not the library's.
fn kind(error: &anyhow::Error) -> &'static str {
    let found = error.chain().find_map(|cause| {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            Some(failure.kind())
        } else if cause.is::<manifest::Error>() {
            Some("InvalidManifest")
        } else if cause.is::<io::Error>() {
            Some("Io")
        } else {
            None
        }
    });
    found.unwrap_or("Other")
}
