//! A call of a plug-in that is served, apart from those that are: on an instance of its own, with fuel counted, and with what it
//! logs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plugwright::{Error, ErrorKind, HostFunction, LogRecord};
use serde::{Deserialize, Serialize};

use super::refused;
use crate::app::{App, ChangeError, Refused};
use crate::config::Grants;
use crate::problem::Problem;
use crate::recent::backtrace;
use crate::site;

/// The fuel of a call for which no limit is wanted: it is counted nevertheless.
const MUCH_FUEL: u64 = u64::MAX / 2;

/// The longest that a call may take.
const MAX_TIMEOUT: Duration = Duration::from_secs(60);

/// What to call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    plugin: String,
    function: String,
    /// The input, as text or as bytes.
    input: Option<String>,
    input_base64: Option<String>,
    /// Before what is configured.
    #[serde(default)]
    config: BTreeMap<String, String>,
    timeout_ms: Option<u64>,
}

/// How it went.
#[derive(Debug, Serialize)]
pub(super) struct Made {
    /// The output as text, when it is text.
    output: Option<String>,
    output_base64: Option<String>,
    error: Option<Failed>,
    logs: Vec<Logged>,
    /// Without reading and compiling the plug-in.
    micros: u64,
    fuel: Option<u64>,
    memory_bytes: u64,
}

#[derive(Debug, Serialize)]
struct Failed {
    kind: &'static str,
    message: String,
    code: Option<i32>,
    backtrace: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Logged {
    level: &'static str,
    text: String,
}

pub(super) async fn make(app: &Arc<App>, wanted: &[u8]) -> Result<Made, Problem> {
    let wanted: Wanted = serde_json::from_slice(wanted).map_err(|error| {
        Problem::bad_request(
            "bad-request",
            format!("send JSON with `plugin`, `function` and `input`: {error}"),
        )
    })?;
    let input = match (&wanted.input, &wanted.input_base64) {
        (Some(text), None) => text.clone().into_bytes(),
        (None, None) => Vec::new(),
        (None, Some(encoded)) => STANDARD.decode(encoded).map_err(|error| {
            Problem::bad_request("bad-request", format!("`input_base64` is not valid: {error}"))
        })?,
        (Some(_), Some(_)) => {
            let detail = "there are both `input` and `input_base64`; send one of them";
            return Err(Problem::bad_request("bad-request", detail));
        }
    };
    let served = app.served().await;
    let entry = served.plugins.get(&wanted.plugin);
    let Some((entry, version)) = entry.and_then(|entry| Some((entry, entry.current()?.clone()))) else {
        let message = format!("no plug-in `{}` is served", wanted.plugin);
        return Err(refused(Refused::Change(ChangeError::NotFound(message))));
    };
    // What its first route grants it, else its own.
    let site = app.site.load_full();
    let granted = site.deployment(&wanted.plugin).map(|deployment| deployment.key.grants.clone());
    let mut grants = granted.unwrap_or_else(|| Grants::of_plugin(&entry.config, &entry.capabilities));
    grants.config.extend(wanted.config.clone());
    grants.limits.fuel.get_or_insert(MUCH_FUEL);
    if let Some(millis) = wanted.timeout_ms {
        grants.limits.timeout = Some(Duration::from_millis(millis).min(MAX_TIMEOUT));
    }
    // The stores are open: the plug-in is served.
    let lent = app.registry.lend(&wanted.plugin, &grants.capabilities);
    let lent = lent
        .map_err(|refused_store| refused(Refused::Change(ChangeError::Invalid(refused_store.to_string()))))?;
    let host_functions: Vec<HostFunction> = app.host_functions.iter().cloned().chain(lent).collect();
    let task = tokio::task::spawn_blocking(move || {
        let logs = Arc::new(Mutex::new(Vec::new()));
        let noted = logs.clone();
        let built = site::builder(&wanted.plugin, &version, &grants, &host_functions)
            .on_log(move |record: &LogRecord<'_>| {
                let logged = Logged { level: record.level.name(), text: record.message.to_owned() };
                noted.lock().unwrap_or_else(PoisonError::into_inner).push(logged);
            })
            .build();
        let mut plugin = match built {
            Ok(plugin) => plugin,
            Err(error) => return Made::failed(&error),
        };
        let began = Instant::now();
        let called = plugin.call::<_, Vec<u8>>(&wanted.function, &input[..]);
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut made = match called {
            Ok(output) => Made::succeeded(output),
            Err(error) => Made::failed(&error),
        };
        made.micros = micros;
        made.fuel = plugin.fuel_consumed();
        made.memory_bytes = plugin.memory_bytes();
        made.logs = logs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        made
    });
    task.await.map_err(|panic| {
        let detail = format!("the call could not be made: {panic}");
        Problem::new(http::StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    })
}

impl Made {
    fn nothing() -> Self {
        Self {
            output: None,
            output_base64: None,
            error: None,
            logs: Vec::new(),
            micros: 0,
            fuel: None,
            memory_bytes: 0,
        }
    }

    fn succeeded(output: Vec<u8>) -> Self {
        match String::from_utf8(output) {
            Ok(text) => Self { output: Some(text), ..Self::nothing() },
            Err(error) => Self { output_base64: Some(STANDARD.encode(error.as_bytes())), ..Self::nothing() },
        }
    }

    fn failed(error: &Error) -> Self {
        let code = match error.kind() {
            ErrorKind::Guest { code, .. } | ErrorKind::Exit(code) => Some(*code),
            _ => None,
        };
        let failed = Failed {
            kind: error.kind().name(),
            message: error.message().to_owned(),
            code,
            backtrace: backtrace(error),
        };
        Self { error: Some(failed), ..Self::nothing() }
    }
}
