//! Reading the case files.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::case::Case;
use crate::world::World;

/// The cases of one file.
#[derive(Debug, Clone)]
pub struct Topic {
    /// The file's name without `.json`.
    pub name: String,
    /// The cases, in the order of the file.
    pub cases: Vec<LoadedCase>,
}

/// A valid case whose placeholders are not filled in yet.
#[derive(Debug, Clone)]
pub struct LoadedCase {
    case: Case,
    raw: Value,
}

/// A case file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file or folder cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// The file is not a case file.
    #[error("{}{}: {problem}", path.display(), case.as_ref().map(|case| format!(", case `{case}`")).unwrap_or_default())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The case, when it has a name.
        case: Option<String>,
        /// What is wrong, and where.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    topic: String,
    #[expect(dead_code, reason = "for readers of the file; parsed so that a misspelt field is an error")]
    about: String,
    cases: Vec<Value>,
}

impl LoadedCase {
    /// The case as it is written, with placeholders.
    pub fn written(&self) -> &Case {
        &self.case
    }

    /// The case's guest, or one that its manifest names, when it has to be built and is not.
    pub fn unbuilt_guest(&self) -> Option<String> {
        let (guest, manifest) = (self.case.guest.clone(), self.case.manifest.as_ref());
        let parts = manifest.and_then(|manifest| manifest.get("wasm")?.as_array()).into_iter().flatten();
        let paths = parts.filter_map(|part| part.get("path")?.as_str()?.strip_prefix("{guests}/"));
        let is_missing = |guest: &String| {
            guest.starts_with("build/") && !fs::exists(guests_dir().join(guest)).unwrap_or(false)
        };
        guest.into_iter().chain(paths.map(str::to_owned)).find(is_missing)
    }

    /// The case for one run: every placeholder in every text, keys included, has its value of `world`.
    ///
    /// # Errors
    ///
    /// The case is not valid any more, which a placeholder's value can only cause by a bad path.
    pub fn resolve(&self, world: &World) -> Result<Case, String> {
        parse(world.fill_json(&self.raw))
    }
}

/// The folder of the case files in this checkout.
pub fn cases_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases")
}

/// The folder of the guests in this checkout.
pub fn guests_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests")
}

/// Reads every `.json` file of a folder, in the order of their names.
///
/// # Errors
///
/// A file that cannot be read or is not valid, or two cases with the same name.
pub fn load(folder: &Path) -> Result<Vec<Topic>, LoadError> {
    let unreadable = |error| LoadError::Read { path: folder.to_owned(), error };
    let mut paths = fs::read_dir(folder)
        .map_err(unreadable)?
        .map(|entry| Ok(entry.map_err(unreadable)?.path()))
        .collect::<Result<Vec<_>, LoadError>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut names = HashSet::new();
    paths.iter().map(|path| load_file(path, &mut names)).collect()
}

fn load_file(path: &Path, names: &mut HashSet<String>) -> Result<Topic, LoadError> {
    let invalid =
        |case: Option<String>, problem: String| LoadError::Invalid { path: path.to_owned(), case, problem };
    let text = fs::read_to_string(path).map_err(|error| LoadError::Read { path: path.to_owned(), error })?;
    let file: File = serde_json::from_str(&text).map_err(|error| invalid(None, error.to_string()))?;
    if path.file_stem().is_none_or(|stem| stem != file.topic.as_str()) {
        return Err(invalid(None, format!("`topic` is `{}`, but must be the file's name", file.topic)));
    }
    let mut cases = Vec::new();
    for raw in file.cases.into_iter().flat_map(for_each_guest) {
        let name = raw.get("name").and_then(Value::as_str).map(str::to_owned);
        let case = parse(raw.clone()).map_err(|problem| invalid(name.clone(), problem))?;
        if !names.insert(case.name.clone()) {
            return Err(invalid(name, "another case has the same name".to_owned()));
        }
        cases.push(LoadedCase { case, raw });
    }
    Ok(Topic { name: file.topic, cases })
}

/// A case whose `guest` is a list, once for each guest in it, with the guest's name in its own.
fn for_each_guest(raw: Value) -> Vec<Value> {
    let Some(guests) = raw.get("guest").and_then(Value::as_array) else { return vec![raw] };
    let with_guest = |guest: &Value| {
        let mut case = raw.clone();
        if let (Some(name), Some(guest)) = (raw.get("name").and_then(Value::as_str), guest.as_str()) {
            let stem = Path::new(guest).file_stem().unwrap_or_default();
            case["name"] = format!("{name} ({})", stem.display()).into();
        }
        case["guest"] = guest.clone();
        case
    };
    guests.iter().map(with_guest).collect()
}

fn parse(raw: Value) -> Result<Case, String> {
    let case: Case = serde_json::from_value(raw).map_err(|error| error.to_string())?;
    case.validate()?;
    Ok(case)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;

    use serde_json::{Value, json};

    use super::load_file;

    fn load(case: Value) -> Result<Vec<(String, Option<String>)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.json");
        let file = json!({"topic": "some", "about": "", "cases": [case]});
        fs::write(&path, file.to_string()).unwrap();
        let topic = load_file(&path, &mut HashSet::new()).map_err(|error| error.to_string())?;
        Ok(topic.cases.into_iter().map(|case| (case.case.name, case.case.guest)).collect())
    }

    fn case(guest: Value) -> Value {
        json!({"name": "n", "guest": guest, "steps": [{"function": "f", "expect": "any_output"}]})
    }

    #[test]
    fn a_list_of_guests_is_a_case_for_each() {
        let named = |name: &str, guest: &str| (name.to_owned(), Some(guest.to_owned()));
        assert_eq!(load(case(json!("wat/a.wat"))), Ok(vec![named("n", "wat/a.wat")]));
        assert_eq!(
            load(case(json!(["wat/a.wat", "build/b.wasm"]))),
            Ok(vec![named("n (a)", "wat/a.wat"), named("n (b)", "build/b.wasm")])
        );
    }

    #[test]
    fn guests_are_names() {
        assert!(load(case(json!(["wat/a.wat", 1]))).unwrap_err().contains("case `n`"));
        assert!(load(case(json!(1))).is_err());
    }

    #[test]
    fn the_same_guest_twice_is_the_same_case_twice() {
        assert!(load(case(json!(["wat/a.wat", "wat/a.wat"]))).unwrap_err().contains("the same name"));
    }
}
