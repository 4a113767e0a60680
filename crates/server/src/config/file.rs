//! Reading a configuration from a file, which it shares with the configuration of `plugwright build`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plugwright_capabilities::config::StoreConfig;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Config, ConfigError, locate};

/// The file that a configuration is from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) path: PathBuf,
    pub(super) text: String,
}

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    serve: Option<Config>,
    /// The stores that plug-ins may be granted.
    #[serde(default)]
    capabilities: BTreeMap<String, StoreConfig>,
    /// The affair of `plugwright build`.
    #[serde(rename = "build")]
    _build: Option<IgnoredAny>,
    #[cfg(feature = "triggers")]
    #[serde(default)]
    triggers: Vec<plugwright_triggers::TriggerConfig>,
}

pub(super) fn read(path: &Path) -> Result<Config, ConfigError> {
    let text = fs::read_to_string(path).map_err(|error| {
        ConfigError::new(format!("cannot be read: {error}; check the path")).at(path, None)
    })?;
    let file: File = toml::from_str(&text).map_err(|error| refused(path, &text, &error))?;
    // Plug-ins are in `[serve.plugins]`, also those that only triggers call.
    let Some(mut config) = file.serve else {
        return Err(ConfigError::new("there is no table `[serve]`, which says what is served").at(path, None));
    };
    #[cfg(feature = "triggers")]
    {
        config.triggers = file.triggers;
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    config.stores =
        file.capabilities.into_iter().map(|(name, store)| (name, store.resolved(folder))).collect();
    config.file = Some(Origin { path: path.to_owned(), text });
    Ok(config)
}

fn refused(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let message = error.message().lines().collect::<Vec<_>>().join("; ");
    let refused = ConfigError::new(message);
    let Some(span) = error.span() else { return refused.at(path, None) };
    let line = locate::line(text, span.start);
    let refused = refused.at(path, Some(line));
    match locate::route_at(text, &span) {
        Some((route, field)) => {
            refused.about(format!("route {}", route + 1)).field(field.as_deref().unwrap_or_default())
        }
        None => refused,
    }
}
