//! Plug-ins in JavaScript and TypeScript: built in this process, without any other tool.

use std::path::Path;

use super::error::BuildError;
use super::project::{Built, Project};
use crate::language::Language;

/// The language of a file, by its ending; `None` when it is neither of the two.
pub(super) fn language(file: &Path) -> Option<Language> {
    match file.extension()?.to_str()? {
        "js" | "mjs" | "cjs" | "jsx" => Some(Language::JavaScript),
        "ts" | "mts" | "cts" | "tsx" => Some(Language::TypeScript),
        _ => None,
    }
}

pub(super) fn build(project: &Project) -> Result<Built, BuildError> {
    let first = match &*project.config.sources {
        [] => project.folder.clone(),
        [file] => project.folder.join(file),
        _ => {
            let reason =
                "`sources` names several files; name the first one, which imports the others".to_owned();
            return Err(BuildError::Config { file: project.config_file(), reason });
        }
    };
    let plugin = plugwright_js::build(&first)?;
    let notes = plugin.said.iter().map(|line| format!("logged while it was built: {line}")).collect();
    Ok(Built { wasm: plugin.wasm, name: None, notes })
}
