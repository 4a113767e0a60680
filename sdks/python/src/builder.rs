//! The options of a plug-in, by their names in Python.

use std::path::PathBuf;
use std::time::Duration;

use plugwright::{CompilationCache, LogLevel, PluginBuilder, PluginSource, Stdio};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::input::Input;
use crate::{log, signals, unwanted};

/// Where a plug-in comes from.
///
/// # Errors
/// When there is no such kind, or the value is not of it.
pub(crate) fn source(kind: &str, value: &Bound<'_, PyAny>) -> PyResult<PluginSource> {
    match kind {
        "path" => Ok(value.extract::<PathBuf>()?.into()),
        "url" => Ok(value.extract::<String>()?.into()),
        "bytes" => Ok(Input::of(value)?.bytes()?.into()),
        "compiled" => Ok(PluginSource::trusted_compiled_code(Input::of(value)?.bytes()?)),
        _ => Err(PyValueError::new_err(format!("there is no source of the kind {kind:?}"))),
    }
}

/// Applies the options, none of which is `None`, and those that all plug-ins have that Python calls.
///
/// # Errors
/// When an option is not known, or its value is not one that it takes.
pub(crate) fn with_options(builder: PluginBuilder, options: &Bound<'_, PyDict>) -> PyResult<PluginBuilder> {
    let mut builder = builder.cancel_when(|| unwanted::unwanted() || signals::interrupted());
    for (name, value) in options {
        let name = name.cast::<PyString>()?.to_str()?.to_owned();
        builder = with_option(builder, &name, &value).map_err(|error| {
            let message = format!("the option `{name}`: {}", error.value(value.py()));
            // Python's own message does not say which option.
            if error.is_instance_of::<PyTypeError>(value.py()) {
                PyTypeError::new_err(message)
            } else {
                PyValueError::new_err(message)
            }
        })?;
    }
    Ok(builder)
}

fn with_option(builder: PluginBuilder, name: &str, value: &Bound<'_, PyAny>) -> PyResult<PluginBuilder> {
    Ok(match name {
        "name" => builder.name(value.extract::<String>()?),
        "timeout" => builder.timeout(duration(value)?),
        "fuel_limit" => builder.fuel(value.extract()?),
        "memory_max_pages" => builder.memory_max_pages(value.extract()?),
        "max_var_bytes" => builder.max_var_bytes(value.extract()?),
        "max_http_response_bytes" => builder.max_http_response_bytes(value.extract()?),
        "max_log_bytes" => builder.max_log_bytes(value.extract()?),
        "max_output_bytes" => builder.max_output_bytes(value.extract()?),
        "http_response_headers" => builder.http_response_headers(value.extract()?),
        "allowed_hosts" => {
            value.extract::<Vec<String>>()?.into_iter().fold(builder, PluginBuilder::allow_host)
        }
        "allowed_paths" => {
            let paths = pairs(value)?.into_iter();
            paths.fold(builder, |builder, (host, guest)| builder.allow_path(host, guest))
        }
        "env" => pairs(value)?.into_iter().fold(builder, |builder, (name, value)| builder.env(name, value)),
        "args" => value.extract::<Vec<String>>()?.into_iter().fold(builder, PluginBuilder::arg),
        "stdin" => builder.stdin(Input::of(value)?.bytes()?),
        "stdout" => builder.stdout(stdio(value)?),
        "stderr" => builder.stderr(stdio(value)?),
        "on_log" => builder.on_log(log::callback(value.clone().unbind())),
        "log_level" => log_level(builder, &value.extract::<String>()?)?,
        "cache" => builder.cache(cache(value)?),
        "garbage_collection" => builder.garbage_collection(value.extract()?),
        "compact_memory" => builder.compact_memory(value.extract()?),
        _ => return Err(PyTypeError::new_err("there is no such option")),
    })
}

fn pairs(value: &Bound<'_, PyAny>) -> PyResult<Vec<(String, String)>> {
    value.cast::<PyDict>()?.iter().map(|(key, value)| Ok((key.extract()?, value.extract()?))).collect()
}

/// A time from its seconds. Infinity is a time that never ends.
pub(crate) fn duration(value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let seconds = value.extract()?;
    if seconds == f64::INFINITY {
        return Ok(Duration::MAX);
    }
    Duration::try_from_secs_f64(seconds).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn log_level(builder: PluginBuilder, name: &str) -> PyResult<PluginBuilder> {
    if name.eq_ignore_ascii_case("off") {
        return Ok(builder.log_off());
    }
    match name.parse::<LogLevel>() {
        Ok(level) => Ok(builder.log_level(level)),
        // Its own message does not know `off`.
        Err(_) => Err(PyValueError::new_err(format!(
            "`{name}` is not a log level; use trace, debug, info, warn, error or off"
        ))),
    }
}

fn stdio(value: &Bound<'_, PyAny>) -> PyResult<Stdio> {
    match value.extract::<String>()?.as_str() {
        "closed" => Ok(Stdio::Closed),
        "inherit" => Ok(Stdio::Inherit),
        "capture" => Ok(Stdio::Capture),
        other => Err(PyValueError::new_err(format!("{other:?} is none of closed, inherit, capture"))),
    }
}

fn cache(value: &Bound<'_, PyAny>) -> PyResult<CompilationCache> {
    match value.extract::<bool>() {
        Ok(true) => Ok(CompilationCache::Default),
        Ok(false) => Ok(CompilationCache::Off),
        Err(_) => Ok(CompilationCache::Folder(value.extract::<PathBuf>()?)),
    }
}
