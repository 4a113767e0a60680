//! The plug-in's config: from a file, from JSON, from single flags.

use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use crate::args::GrantArgs;
use crate::errors::Failure;

/// All config of the command line. Where a key occurs twice the later one counts.
pub(crate) fn collect(args: &GrantArgs) -> anyhow::Result<Vec<(String, String)>> {
    let mut config = Vec::new();
    if let Some(path) = &args.config_file {
        config.extend(from_file(path)?);
    }
    if let Some(json) = &args.set_config {
        let value = serde_json::from_str(json)
            .map_err(|error| Failure::Usage(format!("--set-config is not valid JSON: {error}")))?;
        config.extend(strings(value, "--set-config")?);
    }
    config.extend(args.config.iter().cloned());
    Ok(config)
}

fn from_file(path: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the config `{}`", path.display()))?;
    let what = format!("the config `{}`", path.display());
    // A table that begins with a list or another table is no config in TOML either.
    let value = if text.trim_start().starts_with(['{', '[']) {
        serde_json::from_str(&text)
            .map_err(|error| Failure::Usage(format!("{what} is not valid JSON: {error}")))?
    } else {
        toml::from_str(&text).map_err(|error| Failure::Usage(format!("{what} is not valid TOML: {error}")))?
    };
    Ok(strings(value, &what)?)
}

fn strings(value: Value, what: &str) -> Result<Vec<(String, String)>, Failure> {
    let Value::Object(values) = value else {
        return Err(Failure::Usage(format!(
            "{what} is not an object of strings, such as {{\"key\": \"value\"}}"
        )));
    };
    values
        .into_iter()
        .map(|(key, value)| match value {
            Value::String(text) => Ok((key, text)),
            other => Err(Failure::Usage(format!(
                "{what}: `{key}` is {other}, but values of the config are strings; put it in quotes"
            ))),
        })
        .collect()
}
