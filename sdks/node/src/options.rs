//! The options of a plug-in, by their names in JavaScript.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use plugwright::{CompilationCache, LogLevel, PluginBuilder, PluginSource, Stdio};

use crate::call::duration;
use crate::host_function::{Offer, Slots, link};
use crate::log::LogQueue;

/// Where a plug-in comes from: one of these.
#[napi(object)]
pub(crate) struct Source {
    pub path: Option<String>,
    pub url: Option<String>,
    pub bytes: Option<Uint8Array>,
    /// Code that was compiled before, trusted like a program.
    pub compiled: Option<Uint8Array>,
}

impl Source {
    /// The runtime's source.
    ///
    /// # Errors
    /// When it names none.
    pub(crate) fn into_runtime(self) -> napi::Result<PluginSource> {
        match self {
            Self { path: Some(path), .. } => Ok(PathBuf::from(path).as_path().into()),
            Self { url: Some(url), .. } => Ok(url.as_str().into()),
            Self { bytes: Some(bytes), .. } => Ok(bytes.to_vec().into()),
            Self { compiled: Some(code), .. } => Ok(PluginSource::trusted_compiled_code(code.to_vec())),
            _ => Err(napi::Error::from_reason("a plug-in has no source")),
        }
    }
}

/// What is set for a plug-in; what is absent has the runtime's default.
#[napi(object)]
pub(crate) struct Options {
    pub name: Option<String>,
    pub wasi: bool,
    pub env: Option<HashMap<String, String>>,
    pub args: Option<Vec<String>>,
    pub stdin: Option<Uint8Array>,
    pub stdout: Option<String>,
    pub stderr: Option<String>,
    pub config: Option<HashMap<String, String>>,
    pub allowed_hosts: Option<Vec<String>>,
    /// Folders of the host by the guest's.
    pub allowed_paths: Option<HashMap<String, String>>,
    /// In milliseconds.
    pub timeout: Option<f64>,
    pub fuel: Option<f64>,
    pub max_pages: Option<u32>,
    pub max_var_bytes: Option<f64>,
    pub max_http_response_bytes: Option<f64>,
    pub max_log_bytes: Option<f64>,
    pub max_output_bytes: Option<f64>,
    pub http_response_headers: Option<bool>,
    /// A level's name, or `off`.
    pub log_level: String,
    /// `false` for none, else a folder's path.
    pub cache: Option<bool>,
    pub cache_folder: Option<String>,
    pub garbage_collection: Option<bool>,
    pub compact_memory: Option<bool>,
    pub functions: Vec<Offer>,
}

/// Describes the plug-in.
///
/// # Errors
/// When an option is not one that the runtime takes.
pub(crate) fn builder(
    source: Source,
    options: Options,
    slots: Slots,
    logs: Arc<LogQueue>,
) -> napi::Result<PluginBuilder> {
    let mut builder = PluginBuilder::new(source.into_runtime()?)
        .wasi(options.wasi)
        .host_functions_for(link(options.functions, slots)?)
        .on_log(move |record| logs.log(record));
    for (name, value) in options.env.into_iter().flatten() {
        builder = builder.env(name, value);
    }
    for arg in options.args.into_iter().flatten() {
        builder = builder.arg(arg);
    }
    for (key, value) in options.config.into_iter().flatten() {
        builder = builder.config(key, value);
    }
    for host in options.allowed_hosts.into_iter().flatten() {
        builder = builder.allow_host(host);
    }
    for (guest, host) in options.allowed_paths.into_iter().flatten() {
        builder = builder.allow_path(host, guest);
    }
    if let Some(timeout) = options.timeout.map(duration).transpose()?.flatten() {
        builder = builder.timeout(timeout);
    }
    builder = match options.log_level.as_str() {
        "off" => builder.log_off(),
        level => builder.log_level(level.parse::<LogLevel>().map_err(napi::Error::from_reason)?),
    };
    builder = match (options.cache, options.cache_folder) {
        (_, Some(folder)) => builder.cache(CompilationCache::Folder(folder.into())),
        (Some(false), None) => builder.cache(CompilationCache::Off),
        _ => builder,
    };
    // Each of the others is set if it is there.
    macro_rules! set {
        ($($option:ident: $apply:expr;)*) => {
            $(if let Some(value) = options.$option {
                builder = $apply(builder, value);
            })*
        };
    }
    set! {
        name: |builder: PluginBuilder, name: String| builder.name(name);
        stdin: |builder: PluginBuilder, bytes: Uint8Array| builder.stdin(bytes.to_vec());
        fuel: |builder: PluginBuilder, units| builder.fuel(whole(units));
        max_pages: PluginBuilder::memory_max_pages;
        max_var_bytes: |builder: PluginBuilder, bytes| builder.max_var_bytes(whole(bytes));
        max_http_response_bytes: |builder: PluginBuilder, bytes| builder.max_http_response_bytes(whole(bytes));
        max_log_bytes: |builder: PluginBuilder, bytes| builder.max_log_bytes(whole(bytes));
        max_output_bytes: |builder: PluginBuilder, bytes| builder.max_output_bytes(whole(bytes));
        http_response_headers: PluginBuilder::http_response_headers;
        garbage_collection: PluginBuilder::garbage_collection;
        compact_memory: PluginBuilder::compact_memory;
    }
    if let Some(stdout) = options.stdout {
        builder = builder.stdout(stdio(&stdout)?);
    }
    if let Some(stderr) = options.stderr {
        builder = builder.stderr(stdio(&stderr)?);
    }
    Ok(builder)
}

/// A number that JavaScript has seen to be whole and not negative.
fn whole(number: f64) -> u64 {
    number as u64
}

fn stdio(name: &str) -> napi::Result<Stdio> {
    match name {
        "closed" => Ok(Stdio::Closed),
        "inherit" => Ok(Stdio::Inherit),
        "capture" => Ok(Stdio::Capture),
        other => Err(napi::Error::from_reason(format!("{other:?} is none of closed, inherit, capture"))),
    }
}
