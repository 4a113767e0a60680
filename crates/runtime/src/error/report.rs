//! An error as plain data: what one process tells another about it, so that it is the same error there.

use serde::{Deserialize, Serialize};

use super::{Backtrace, Error, ErrorKind, Frame, MissingImport, TrapKind};
use crate::snapshot::SystemInput;

/// An error as plain data, to be sent to another process and become an equal [`Error`] there.
///
/// What belongs to some kinds only is absent for the others. The source of an error stays behind: it is of any type.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ErrorReport {
    /// [`ErrorKind::name`].
    pub kind: String,
    /// [`Error::message`].
    pub message: String,
    /// [`Error::plugin`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// [`Error::function`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The code of `Guest` and `Exit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// What the plug-in said by `error_set`, of `Guest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// Why the code trapped, of `Trap`: the name of a [`TrapKind`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trap: Option<String>,
    /// The host function of `HostFunction`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_function: Option<String>,
    /// The functions with similar names of `FunctionNotFound`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<String>,
    /// The imports of `Link`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ImportReport>,
    /// What start-up reads, of `Snapshot`: names of [`SystemInput`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
    /// [`Error::backtrace`], innermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backtrace: Vec<FrameReport>,
}

/// A [`MissingImport`] as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ImportReport {
    /// The module that it is imported from.
    pub module: String,
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A [`Frame`] as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct FrameReport {
    /// The function's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The index of the function in its module.
    pub function_index: u32,
    /// The offset of the instruction in the module's binary, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// The source file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in it, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// The names of traps on their way.
const TRAPS: &[(&str, TrapKind)] = &[
    ("Unreachable", TrapKind::Unreachable),
    ("StackOverflow", TrapKind::StackOverflow),
    ("MemoryOutOfBounds", TrapKind::MemoryOutOfBounds),
    ("TableOutOfBounds", TrapKind::TableOutOfBounds),
    ("IndirectCallToNull", TrapKind::IndirectCallToNull),
    ("BadSignature", TrapKind::BadSignature),
    ("IntegerOverflow", TrapKind::IntegerOverflow),
    ("DivisionByZero", TrapKind::DivisionByZero),
    ("BadConversion", TrapKind::BadConversion),
    ("Other", TrapKind::Other),
];

impl ErrorReport {
    /// Of an error of this kind, with a message of one line.
    pub fn new(kind: &ErrorKind, message: impl Into<String>) -> Self {
        let mut report = Self { kind: kind.name().to_owned(), message: message.into(), ..Self::default() };
        match kind {
            ErrorKind::Guest { code, message } => {
                report.code = Some(*code);
                report.said = Some(message.clone());
            }
            ErrorKind::Exit(code) => report.code = Some(*code),
            ErrorKind::Trap(trap) => {
                let name = TRAPS.iter().find(|(_, kind)| kind == trap).map_or("Other", |(name, _)| name);
                report.trap = Some(name.to_owned());
            }
            ErrorKind::HostFunction { name } => report.host_function = Some(name.clone()),
            ErrorKind::FunctionNotFound { nearest } => report.nearest.clone_from(nearest),
            ErrorKind::Link { missing } => report.missing = missing.iter().map(ImportReport::of).collect(),
            ErrorKind::Snapshot { reads } => {
                report.reads = reads.iter().map(|input| input.name().to_owned()).collect();
            }
            _ => {}
        }
        report
    }

    /// Of a plug-in, and of one of its functions.
    #[must_use]
    pub fn about(mut self, plugin: &str, function: Option<&str>) -> Self {
        self.plugin = Some(plugin.to_owned());
        self.function = function.map(str::to_owned);
        self
    }

    /// The kind; `None` for one that this version does not have.
    fn error_kind(&self) -> Option<ErrorKind> {
        let code = self.code.unwrap_or_default();
        Some(match self.kind.as_str() {
            "InvalidManifest" => ErrorKind::InvalidManifest,
            "Load" => ErrorKind::Load,
            "HashMismatch" => ErrorKind::HashMismatch,
            "Compile" => ErrorKind::Compile,
            "Link" => ErrorKind::Link { missing: self.missing.iter().map(ImportReport::import).collect() },
            "FunctionNotFound" => ErrorKind::FunctionNotFound { nearest: self.nearest.clone() },
            "Signature" => ErrorKind::Signature,
            "Guest" => ErrorKind::Guest { code, message: self.said.clone().unwrap_or_default() },
            "Trap" => {
                let found = TRAPS.iter().find(|(name, _)| Some(*name) == self.trap.as_deref());
                ErrorKind::Trap(found.map_or(TrapKind::Other, |(_, kind)| *kind))
            }
            "Contract" => ErrorKind::Contract,
            "Timeout" => ErrorKind::Timeout,
            "Cancelled" => ErrorKind::Cancelled,
            "OutOfFuel" => ErrorKind::OutOfFuel,
            "OutOfMemory" => ErrorKind::OutOfMemory,
            "Exit" => ErrorKind::Exit(code),
            "Limit" => ErrorKind::Limit,
            "HostFunction" => {
                ErrorKind::HostFunction { name: self.host_function.clone().unwrap_or_default() }
            }
            "Http" => ErrorKind::Http,
            "Encode" => ErrorKind::Encode,
            "Decode" => ErrorKind::Decode,
            "PoolTimeout" => ErrorKind::PoolTimeout,
            "Incompatible" => ErrorKind::Incompatible,
            "Snapshot" => {
                let named = |name: &String| SystemInput::ALL.into_iter().find(|input| input.name() == name);
                ErrorKind::Snapshot { reads: self.reads.iter().filter_map(named).collect() }
            }
            "Unavailable" => ErrorKind::Unavailable,
            "Lost" => ErrorKind::Lost,
            _ => return None,
        })
    }
}

impl ImportReport {
    fn of(import: &MissingImport) -> Self {
        let MissingImport { module, name, ty, hint } = import.clone();
        Self { module, name, ty, hint }
    }

    fn import(&self) -> MissingImport {
        let Self { module, name, ty, hint } = self.clone();
        MissingImport { module, name, ty, hint }
    }
}

impl From<&Frame> for FrameReport {
    fn from(frame: &Frame) -> Self {
        let Frame { function, function_index, offset, file, line } = frame.clone();
        Self { function, function_index, offset, file, line }
    }
}

impl From<FrameReport> for Frame {
    fn from(report: FrameReport) -> Self {
        let FrameReport { function, function_index, offset, file, line } = report;
        Self { function, function_index, offset, file, line }
    }
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        let mut report = Self::new(error.kind(), error.message());
        report.plugin = error.plugin().map(str::to_owned);
        report.function = error.function().map(str::to_owned);
        let frames = error.backtrace().map(Backtrace::frames).unwrap_or_default();
        report.backtrace = frames.iter().map(FrameReport::from).collect();
        report
    }
}

impl From<ErrorReport> for Error {
    /// An error of a kind that this version does not have becomes one of kind `Incompatible`, which names it.
    fn from(report: ErrorReport) -> Self {
        let error = match report.error_kind() {
            Some(kind) => Self::new(kind, report.message),
            None => {
                let (kind, said) = (&report.kind, &report.message);
                let message = format!(
                    "an error of the kind `{kind}`, which this version does not know; update it: {said}"
                );
                Self::new(ErrorKind::Incompatible, message)
            }
        };
        let frames: Vec<Frame> = report.backtrace.into_iter().map(Frame::from).collect();
        let mut error = error.with_backtrace((!frames.is_empty()).then(|| Backtrace::from_frames(frames)));
        error.0.plugin = report.plugin;
        error.0.function = report.function;
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds() -> Vec<ErrorKind> {
        let import = MissingImport {
            module: "env".to_owned(),
            name: "f".to_owned(),
            ty: "(i64) -> i64".to_owned(),
            hint: Some("define it".to_owned()),
        };
        let mut kinds = vec![
            ErrorKind::InvalidManifest,
            ErrorKind::Load,
            ErrorKind::HashMismatch,
            ErrorKind::Compile,
            ErrorKind::Link { missing: vec![import] },
            ErrorKind::FunctionNotFound { nearest: vec!["say_hello".to_owned()] },
            ErrorKind::Signature,
            ErrorKind::Guest { code: -7, message: "sold\nout".to_owned() },
            ErrorKind::Contract,
            ErrorKind::Timeout,
            ErrorKind::Cancelled,
            ErrorKind::OutOfFuel,
            ErrorKind::OutOfMemory,
            ErrorKind::Exit(3),
            ErrorKind::Limit,
            ErrorKind::HostFunction { name: "get".to_owned() },
            ErrorKind::Http,
            ErrorKind::Encode,
            ErrorKind::Decode,
            ErrorKind::PoolTimeout,
            ErrorKind::Incompatible,
            ErrorKind::Snapshot { reads: vec![SystemInput::Clock] },
            ErrorKind::Unavailable,
            ErrorKind::Lost,
        ];
        kinds.extend(TRAPS.iter().map(|(_, trap)| ErrorKind::Trap(*trap)));
        kinds
    }

    #[test]
    fn an_error_is_the_same_elsewhere() {
        for kind in kinds() {
            let frame = Frame { function: Some("inner".to_owned()), line: Some(3), ..Frame::default() };
            let error = Error::new(kind.clone(), "what happened")
                .with_plugin("p")
                .with_function("f")
                .with_backtrace(Some(Backtrace::from_frames(vec![frame])));
            let sent = serde_json::to_vec(&ErrorReport::from(&error)).unwrap();
            let got = Error::from(serde_json::from_slice::<ErrorReport>(&sent).unwrap());
            assert_eq!(got.kind(), &kind);
            assert_eq!(got.to_string(), error.to_string());
            assert_eq!(got.backtrace(), error.backtrace());
        }
    }

    #[test]
    fn a_kind_of_a_later_version_is_named() {
        let report: ErrorReport =
            serde_json::from_str(r#"{"kind": "Melted", "message": "too hot", "heat": 9}"#).unwrap();
        let error = Error::from(report);
        assert_eq!(error.kind(), &ErrorKind::Incompatible);
        assert!(error.message().contains("`Melted`") && error.message().ends_with("too hot"), "{error}");
    }
}
