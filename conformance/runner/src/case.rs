//! The format of a case.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::Value;

use crate::catalogue::HostFunctionUse;

/// Files by path, relative to the case's temporary folder.
pub type Files = BTreeMap<String, String>;

/// A plug-in, its surroundings, and the calls to make.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Unique among all cases.
    pub name: String,
    /// What the case is about, when its name does not say.
    #[serde(default)]
    pub about: String,
    /// A file below `guests/`.
    pub guest: Option<String>,
    /// A manifest, passed as JSON.
    pub manifest: Option<Value>,
    /// What the host is given, as text: WebAssembly text or a manifest.
    pub source: Option<String>,
    /// What the host is given, as bytes.
    pub source_base64: Option<String>,
    /// Limits and grants.
    #[serde(default)]
    pub options: Options,
    /// Functions of the host, by their names in the catalogue.
    #[serde(default)]
    pub host_functions: Vec<HostFunctionUse>,
    /// What the key-value host functions start with.
    #[serde(default)]
    pub kv: BTreeMap<String, String>,
    /// Files to create in the temporary folder.
    #[serde(default)]
    pub files: Files,
    /// How many plug-ins to make from the same compiled code and keep alive; the steps run on each.
    #[serde(default = "one")]
    pub live_plugins: u32,
    /// Loading fails like this, and there are no steps.
    pub load_error: Option<ExpectError>,
    /// Calls, in order, on the same plug-in.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// What the host loads.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A file below `guests/`.
    Guest(String),
    /// These bytes: WebAssembly, its text, or a manifest.
    Bytes(Vec<u8>),
}

/// Limits and grants; what is absent is the host's default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Offer WASI preview 1.
    pub wasi: bool,
    /// Values that the plug-in reads by key.
    pub config: BTreeMap<String, String>,
    /// Globs of host names for HTTP.
    pub allowed_hosts: Vec<String>,
    /// Host folder, after `ro:` if read-only, to guest folder.
    pub allowed_paths: BTreeMap<String, String>,
    /// WASI environment.
    pub env: BTreeMap<String, String>,
    /// WASI arguments, the program's name first.
    pub args: Vec<String>,
    /// WASI standard input; closed when absent.
    pub stdin: Option<String>,
    /// WASI standard output and error.
    pub stdio: Stdio,
    /// Limits on memory.
    pub memory: Memory,
    /// Milliseconds that each call may take.
    pub timeout_ms: Option<u64>,
    /// Fuel for each call.
    pub fuel: Option<u64>,
    /// Bytes of log messages for each call.
    pub max_log_bytes: Option<u64>,
    /// Bytes of output for each call.
    pub max_output_bytes: Option<u64>,
    /// The least severe messages that the host wants.
    pub log_level: LogLevel,
    /// Show the headers of HTTP responses to the plug-in.
    pub http_response_headers: bool,
}

/// The `memory` part of a manifest.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Memory {
    /// Pages of 64 KiB for all memories together.
    pub max_pages: Option<u32>,
    /// Bytes of one HTTP response body.
    pub max_http_response_bytes: Option<u64>,
    /// Bytes of all variables together; 0 turns them off.
    pub max_var_bytes: Option<u64>,
}

/// Where standard output and error go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stdio {
    /// Nowhere.
    #[default]
    Closed,
    /// To the runner.
    Capture,
}

/// The severity of a log message, least severe first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// The finest detail.
    Trace,
    /// For whoever debugs the plug-in.
    Debug,
    /// What the plug-in does; the level of a case that does not say.
    #[default]
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
    /// No message at all.
    Off,
}

/// One call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The exported function.
    pub function: String,
    /// The input as text. At most one of the three inputs is given; none means no bytes.
    pub input: Option<String>,
    /// The input as bytes.
    pub input_base64: Option<String>,
    /// The input as one byte many times.
    pub input_repeat: Option<Repeat>,
    /// How often to make the call; each time it must do what is expected.
    #[serde(default = "one")]
    pub repeat: u32,
    /// The result.
    pub expect: Expect,
    /// The call's log messages, all of them, in order.
    pub expect_logs: Option<Vec<ExpectLog>>,
    /// What the call wrote to standard output.
    pub expect_stdout: Option<String>,
    /// What the call wrote to standard error.
    pub expect_stderr: Option<String>,
}

/// One byte many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// The byte.
    pub byte: u8,
    /// How many times.
    pub count: usize,
}

/// What a call does.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// It succeeds, with this text.
    Output(String),
    /// It succeeds, with these bytes.
    OutputBase64(String),
    /// It succeeds, with this JSON value, however it is written.
    OutputJson(Value),
    /// It succeeds, with text that contains all of these.
    OutputContains(Vec<String>),
    /// It succeeds, with one byte many times.
    OutputRepeat(Repeat),
    /// It succeeds, with this number of bytes.
    OutputLength(usize),
    /// It succeeds.
    AnyOutput,
    /// It fails.
    Error(ExpectError),
}

/// How a call or a load fails.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectError {
    /// The kind of the error.
    pub kind: Kind,
    /// The guest's return code or exit code, when the case says.
    pub code: Option<i32>,
    /// The error's message contains all of these.
    #[serde(default)]
    pub message_contains: Vec<String>,
}

/// A log message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectLog {
    /// Its severity.
    pub level: LogLevel,
    /// Its text contains this.
    pub contains: String,
}

/// The name of an error kind, one that the hosts have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Kind(String);

impl Kind {
    /// Every kind that a case may name.
    pub const ALL: [&'static str; 20] = [
        "InvalidManifest",
        "Load",
        "HashMismatch",
        "Compile",
        "Link",
        "FunctionNotFound",
        "Signature",
        "Guest",
        "Trap",
        "Contract",
        "Timeout",
        "Cancelled",
        "OutOfFuel",
        "OutOfMemory",
        "Exit",
        "HostFunction",
        "Http",
        "Encode",
        "Decode",
        "Limit",
    ];

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if Self::ALL.contains(&name.as_str()) {
            Ok(Self(name))
        } else {
            Err(format!("`{name}` is not an error kind; the kinds are {}", Self::ALL.join(", ")))
        }
    }
}

impl Case {
    /// What the host loads.
    ///
    /// # Errors
    ///
    /// None or several of `guest`, `manifest`, `source` and `source_base64` are given, or the last is not Base64.
    pub fn source(&self) -> Result<Source, String> {
        match (&self.guest, &self.manifest, &self.source, &self.source_base64) {
            (Some(guest), None, None, None) => Ok(Source::Guest(guest.clone())),
            (None, Some(manifest), None, None) => Ok(Source::Bytes(manifest.to_string().into_bytes())),
            (None, None, Some(text), None) => Ok(Source::Bytes(text.clone().into_bytes())),
            (None, None, None, Some(text)) => Ok(Source::Bytes(decode("source_base64", text)?)),
            _ => Err("give exactly one of `guest`, `manifest`, `source` and `source_base64`".to_owned()),
        }
    }

    /// Checks what the types leave open.
    ///
    /// # Errors
    ///
    /// The first problem, in words that follow the case's name.
    pub fn validate(&self) -> Result<(), String> {
        self.source()?;
        if self.load_error.is_some() != self.steps.is_empty() {
            return Err("give either `load_error` or `steps`".to_owned());
        }
        for (index, step) in self.steps.iter().enumerate() {
            step.validate().map_err(|problem| format!("steps[{index}]: {problem}"))?;
        }
        Ok(())
    }
}

impl Step {
    /// The call's input.
    ///
    /// # Errors
    ///
    /// More than one kind of input is given, or one is not Base64.
    pub fn input(&self) -> Result<Vec<u8>, String> {
        match (&self.input, &self.input_base64, self.input_repeat) {
            (None, None, None) => Ok(Vec::new()),
            (Some(text), None, None) => Ok(text.clone().into_bytes()),
            (None, Some(text), None) => decode("input_base64", text),
            (None, None, Some(repeat)) => Ok(repeat.bytes()),
            _ => Err("give at most one of `input`, `input_base64` and `input_repeat`".to_owned()),
        }
    }

    fn validate(&self) -> Result<(), String> {
        self.input()?;
        if let Expect::OutputBase64(text) = &self.expect {
            decode("output_base64", text)?;
        }
        if self.repeat == 0 { Err("`repeat` must be at least 1".to_owned()) } else { Ok(()) }
    }
}

impl Repeat {
    /// The bytes.
    pub fn bytes(self) -> Vec<u8> {
        vec![self.byte; self.count]
    }
}

pub(crate) fn decode(field: &str, text: &str) -> Result<Vec<u8>, String> {
    BASE64.decode(text).map_err(|error| format!("`{field}` is not Base64: {error}"))
}

fn one() -> u32 {
    1
}
