//! What a host decided about a plug-in: limits, grants, logging. Shared by all its instances.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::http::HttpPolicy;
use crate::interrupt::CancelWhen;
use crate::logging::LogSink;
use crate::wasi::WasiSettings;

/// The settings of a plug-in, complete and validated.
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) fuel: Option<u64>,
    pub(crate) max_memory_bytes: u64,
    pub(crate) max_var_bytes: u64,
    pub(crate) max_log_bytes: u64,
    pub(crate) max_output_bytes: Option<u64>,
    pub(crate) http: Arc<HttpPolicy>,
    pub(crate) http_response_headers: bool,
    pub(crate) wasi: Option<WasiSettings>,
    pub(crate) log: LogSink,
    pub(crate) cancel_when: Option<CancelWhen>,
    /// Keep a core dump and the memory of an instance that fails.
    pub(crate) post_mortem: PostMortemSettings,
}

/// What to keep of an instance that fails.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PostMortemSettings {
    pub(crate) coredump: bool,
    pub(crate) memory: bool,
}
