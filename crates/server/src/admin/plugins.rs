//! Plug-ins and their versions: looking, and serving another one.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use plugwright::manifest::{InputKind, looks_like};
use plugwright::{PluginSource, Wasm};
use serde::{Deserialize, Serialize};

use super::{refused, unchanged};
use crate::app::{App, ChangeError, Refused};
use crate::plugins::{Entry, Fetched};
use crate::problem::Problem;
use crate::time;

/// The header with the SHA-256 that an uploaded plug-in must have.
const HASH: &str = "x-plugwright-sha256";

/// The longest name of a plug-in that is added.
const MAX_NAME_BYTES: usize = 100;

/// A plug-in.
#[derive(Debug, Serialize)]
pub(super) struct PluginView {
    pub(super) name: String,
    /// The number of the version that is served; `null` when it is out of service.
    current: Option<u64>,
    /// Oldest first.
    versions: Vec<VersionView>,
    pub(super) functions: Vec<String>,
}

/// A version of a plug-in.
#[derive(Debug, Serialize)]
struct VersionView {
    number: u64,
    sha256: String,
    origin: String,
    /// In UTC, as RFC 3339 has it.
    loaded: String,
}

/// Code that is fetched from elsewhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remote {
    url: String,
    /// The SHA-256 that it must have.
    hash: String,
}

/// The version to serve again.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    version: Option<u64>,
}

pub(super) async fn all(app: &App) -> Vec<PluginView> {
    let served = app.served().await;
    served.plugins.iter().map(|(name, entry)| view(app, name, entry)).collect()
}

pub(super) async fn one(app: &App, name: &str) -> Result<PluginView, Problem> {
    let served = app.served().await;
    match served.plugins.get(name) {
        Some(entry) => Ok(view(app, name, entry)),
        None => Err(refused(unknown(name))),
    }
}

/// Serves this code, or the code that this names.
pub(super) async fn put(
    app: &Arc<App>,
    name: &str,
    head: &Parts,
    upload: Bytes,
) -> Result<PluginView, Problem> {
    check_name(name).map_err(refused)?;
    let is_json =
        head.headers.get(CONTENT_TYPE).is_some_and(|ty| ty.as_bytes().starts_with(b"application/json"));
    let hash = head.headers.get(HASH).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (source, origin) = match serde_json::from_slice::<Remote>(&upload) {
        Ok(remote) if is_json => {
            let wasm = Wasm::url(remote.url.as_str()).with_hash(remote.hash);
            (PluginSource::from(wasm), remote.url)
        }
        Err(error) if is_json && looks_like(&upload) != InputKind::JsonManifest => {
            let detail = format!("send the plug-in itself, or JSON with `url` and `hash`: {error}");
            return Err(Problem::bad_request("bad-request", detail));
        }
        _ => match hash {
            Some(hash) => (Wasm::data(upload.to_vec()).with_hash(hash).into(), "uploaded".to_owned()),
            None => (upload.to_vec().into(), "uploaded".to_owned()),
        },
    };
    let owned = name.to_owned();
    let changed = app.change(move |served| {
        let fetched = Fetched::read(source, origin)
            .map_err(|error| Refused::Change(ChangeError::Invalid(error.message().to_owned())))?;
        match served.plugins.get_mut(&owned) {
            Some(entry) => entry.serve(fetched),
            None if served.config.folder.is_some() => {
                let config = served.config.folder_plugins.clone();
                let capabilities = served.config.granted(&owned, &config)?;
                served.plugins.add(&owned, config, capabilities, fetched);
            }
            None => return Err(unknown(&owned)),
        }
        Ok(())
    });
    changed.await.map_err(unchanged)?;
    one(app, name).await
}

/// Takes a plug-in out of service. Its versions stay, to be rolled back to.
pub(super) async fn delete(app: &Arc<App>, name: &str) -> Result<(), Problem> {
    let owned = name.to_owned();
    let changed = app.change(move |served| {
        let entry = served.plugins.get_mut(&owned).ok_or_else(|| unknown(&owned))?;
        entry.current = None;
        Ok(())
    });
    changed.await.map_err(unchanged)
}

pub(super) async fn roll_back(app: &Arc<App>, name: &str, wanted: &[u8]) -> Result<PluginView, Problem> {
    let wanted = if wanted.is_empty() { Ok(Wanted::default()) } else { serde_json::from_slice(wanted) };
    let Wanted { version } = wanted.map_err(|error| {
        Problem::bad_request("bad-request", format!("send nothing, or JSON with `version`: {error}"))
    })?;
    let owned = name.to_owned();
    let changed = app.change(move |served| {
        let entry = served.plugins.get_mut(&owned).ok_or_else(|| unknown(&owned))?;
        entry.roll_back(version).map_err(|message| Refused::Change(ChangeError::NotFound(message)))
    });
    changed.await.map_err(unchanged)?;
    one(app, name).await
}

pub(super) fn view(app: &App, name: &str, entry: &Entry) -> PluginView {
    let site = app.site.load();
    let functions = site.deployment(name).map(|deployment| {
        let compiled = &deployment.compiled.0;
        let names = compiled.exports().iter().map(|export| export.name.clone());
        names.filter(|name| compiled.function_exists(name)).collect()
    });
    PluginView {
        name: name.to_owned(),
        current: entry.current,
        versions: entry
            .versions
            .iter()
            .map(|version| VersionView {
                number: version.number,
                sha256: version.sha256.clone(),
                origin: version.origin.clone(),
                loaded: time::rfc3339(version.loaded),
            })
            .collect(),
        functions: functions.unwrap_or_default(),
    }
}

fn unknown(name: &str) -> Refused {
    Refused::Change(ChangeError::NotFound(format!(
        "there is no plug-in `{name}`; `GET /admin/plugins` lists them"
    )))
}

/// A name that is added becomes a part of paths.
fn check_name(name: &str) -> Result<(), Refused> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(is_plain) {
        let message = format!(
            "`{name}` cannot be a plug-in's name; use up to {MAX_NAME_BYTES} letters, digits, `-`, `_`, `.`"
        );
        return Err(Refused::Change(ChangeError::Invalid(message)));
    }
    Ok(())
}
