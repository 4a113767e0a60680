//! The host functions that cases may ask for. What each does is in `conformance/README.md`.

use serde::Deserialize;

/// A host function of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum HostFunction {
    /// `(i64 key) -> i64`: the value under a key.
    #[serde(rename = "kv_read")]
    KvRead,
    /// `(i64 key, i64 value)`: stores a value under a key.
    #[serde(rename = "kv_write")]
    KvWrite,
    /// `(i64 key) -> i64`: the same as `kv_read`.
    #[serde(rename = "hostMemoryGet")]
    HostMemoryGet,
    /// `(i64, i64) -> i64`: the sum.
    #[serde(rename = "host_add")]
    Add,
    /// `(i32, i64, f32, f64) -> f64`: the sum.
    #[serde(rename = "host_mix")]
    Mix,
    /// `(i64) -> i64`: a new block with the same bytes.
    #[serde(rename = "host_echo")]
    Echo,
    /// `() -> i64`: always fails, which ends the call.
    #[serde(rename = "host_fail")]
    Fail,
    /// `() -> i64`: always fails, which the guest can handle.
    #[serde(rename = "host_try_fail")]
    TryFail,
    /// `(i64 milliseconds)`: waits.
    #[serde(rename = "host_sleep_ms")]
    SleepMs,
    /// `()`: cancels the call that it is made from.
    #[serde(rename = "host_cancel")]
    Cancel,
}

impl HostFunction {
    /// The name that guests import.
    pub fn name(self) -> &'static str {
        match self {
            Self::KvRead => "kv_read",
            Self::KvWrite => "kv_write",
            Self::HostMemoryGet => "hostMemoryGet",
            Self::Add => "host_add",
            Self::Mix => "host_mix",
            Self::Echo => "host_echo",
            Self::Fail => "host_fail",
            Self::TryFail => "host_try_fail",
            Self::SleepMs => "host_sleep_ms",
            Self::Cancel => "host_cancel",
        }
    }
}

/// A host function as a case asks for it: a name, or a name and a module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct HostFunctionUse {
    /// The function.
    pub function: HostFunction,
    /// The module that the host chooses; `None` leaves it to the host's default.
    pub module: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Name(HostFunction),
    InModule(InModule),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InModule {
    name: HostFunction,
    module: String,
}

impl From<Written> for HostFunctionUse {
    fn from(written: Written) -> Self {
        match written {
            Written::Name(function) => Self { function, module: None },
            Written::InModule(InModule { name, module }) => Self { function: name, module: Some(module) },
        }
    }
}
