//! The plug-ins of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Config, ConfigError};

/// What files that hold plug-ins are called.
const ENDINGS: [&str; 2] = ["wasm", "wat"];

/// The most plug-ins of a folder.
const MAX_PLUGINS: usize = 1000;

impl Config {
    /// The plug-ins of [`folder`](Self::folder), by name: the files that end in `.wasm` or `.wat`.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read, or two files have one name.
    pub(crate) fn folder_plugins(&self) -> Result<BTreeMap<String, PathBuf>, ConfigError> {
        let Some(folder) = &self.folder else { return Ok(BTreeMap::new()) };
        let folder = self.resolve(folder);
        let refused = |message: String| self.error(&[], None, "folder", message);
        let unreadable = |error: std::io::Error| {
            refused(format!("the folder `{}` cannot be read: {error}; check the path", folder.display()))
        };
        let mut plugins = BTreeMap::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if !is_plugin(&path) || !path.is_file() {
                continue;
            }
            let Some(name) = path.file_stem().and_then(|name| name.to_str()).map(str::to_owned) else {
                continue;
            };
            if let Some(other) = plugins.insert(name, path.clone()) {
                let (one, other) = (path.display(), other.display());
                return Err(refused(format!("`{one}` and `{other}` have one name; rename one of them")));
            }
            if plugins.len() > MAX_PLUGINS {
                let shown = folder.display();
                return Err(refused(format!("the folder `{shown}` has more than {MAX_PLUGINS} plug-ins")));
            }
        }
        Ok(plugins)
    }
}

/// Whether a file is called as those that hold plug-ins.
pub(crate) fn is_plugin(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let name = path.file_stem().and_then(|name| name.to_str());
    // Editors and copying programs write to hidden files first.
    ending.is_some_and(|ending| ENDINGS.contains(&ending)) && name.is_some_and(|name| !name.starts_with('.'))
}
