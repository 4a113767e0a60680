//! `package.json`, as far as it says which file is meant.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::error::Error;

/// How deep conditions may be nested.
const MAX_DEPTH: usize = 32;

/// The fields that matter. Fields of another type than they should have are as good as absent.
#[derive(Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: Option<String>,
    pub(crate) module_type: bool,
    pub(crate) source: Option<String>,
    pub(crate) module: Option<String>,
    pub(crate) main: Option<String>,
    pub(crate) browser: Option<Value>,
    pub(crate) exports: Option<Value>,
    pub(crate) imports: Option<Value>,
}

/// JSON whose objects keep their order, which decides between conditions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Object(Vec<(String, Value)>),
    List(Vec<Value>),
    /// `false` and `null`: nobody may have it.
    Nothing,
    Other,
}

impl Package {
    /// Reads the file in a folder; `None` when there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join("package.json");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(reason) => return Err(Error::File { path, reason }),
        };
        match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
            Ok(value) => Ok(Some(Self::of(value))),
            Err(error) => Err(Error::Package { path, reason: error.to_string() }),
        }
    }

    fn of(value: Value) -> Self {
        let mut package = Self::default();
        let Value::Object(fields) = value else { return package };
        for (key, value) in fields {
            match (key.as_str(), value) {
                ("name", Value::Text(name)) => package.name = Some(name),
                ("type", Value::Text(ty)) => package.module_type = ty == "module",
                ("source", Value::Text(path)) => package.source = Some(path),
                ("module", Value::Text(path)) => package.module = Some(path),
                ("main", Value::Text(path)) => package.main = Some(path),
                ("browser", value) => package.browser = Some(value),
                ("exports", value) => package.exports = Some(value),
                ("imports", value) => package.imports = Some(value),
                _ => {}
            }
        }
        package
    }

    /// The path that `exports` has for a subpath (`.` or `./x`), from the package's folder.
    pub(crate) fn exported(&self, subpath: &str, conditions: &[&str]) -> Option<String> {
        let exports = self.exports.as_ref()?;
        let by_subpath =
            matches!(exports, Value::Object(entries) if entries.iter().any(|(key, _)| key.starts_with('.')));
        if by_subpath {
            exports.mapped(subpath, conditions)
        } else if subpath == "." {
            exports.target(conditions, None, 0)
        } else {
            None
        }
    }

    /// What `imports` has for a name that begins with `#`.
    pub(crate) fn imported(&self, name: &str, conditions: &[&str]) -> Option<String> {
        self.imports.as_ref()?.mapped(name, conditions)
    }
}

impl Value {
    /// The entry for a key, or the pattern that fits best.
    fn mapped(&self, key: &str, conditions: &[&str]) -> Option<String> {
        let Self::Object(entries) = self else { return None };
        if let Some((_, value)) = entries.iter().find(|(entry, _)| entry == key && !entry.contains('*')) {
            return value.target(conditions, None, 0);
        }
        let mut best: Option<(usize, &str, &Value)> = None;
        for (pattern, value) in entries {
            let (before, after) = match pattern.split_once('*') {
                Some(parts) => parts,
                // Folders, in the form of old packages.
                None if pattern.ends_with('/') => (pattern.as_str(), ""),
                None => continue,
            };
            let Some(rest) = key.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)) else {
                continue;
            };
            if !rest.is_empty() && best.is_none_or(|(length, ..)| before.len() > length) {
                best = Some((before.len(), rest, value));
            }
        }
        let (_, rest, value) = best?;
        value.target(conditions, Some(rest), 0)
    }

    /// The first target whose conditions hold.
    fn target(&self, conditions: &[&str], rest: Option<&str>, depth: usize) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self {
            Self::Text(path) => Some(match rest {
                Some(rest) if path.contains('*') => path.replace('*', rest),
                Some(rest) if path.ends_with('/') => format!("{path}{rest}"),
                _ => path.clone(),
            }),
            Self::Object(entries) => entries
                .iter()
                .filter(|(condition, _)| conditions.contains(&condition.as_str()))
                .find_map(|(_, value)| value.target(conditions, rest, depth + 1)),
            Self::List(values) => values.iter().find_map(|value| value.target(conditions, rest, depth + 1)),
            Self::Nothing | Self::Other => None,
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(if value { Value::Other } else { Value::Nothing })
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = object.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::Package;

    const IMPORT: &[&str] = &["import", "browser", "default"];
    const REQUIRE: &[&str] = &["require", "browser", "default"];

    fn package(json: &str) -> Package {
        Package::of(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn conditions_in_their_order() {
        let package = package(
            r#"{"exports": {"node": "./n.js", "require": {"types": "./r.d.ts", "default": "./r.cjs"}, "default": "./d.js"}}"#,
        );
        assert_eq!(package.exported(".", IMPORT).as_deref(), Some("./d.js"));
        assert_eq!(package.exported(".", REQUIRE).as_deref(), Some("./r.cjs"));
        assert_eq!(package.exported("./x", IMPORT), None);
        let swapped = self::package(r#"{"exports": {"default": "./d.js", "require": "./r.cjs"}}"#);
        assert_eq!(swapped.exported(".", REQUIRE).as_deref(), Some("./d.js"));
    }

    #[test]
    fn subpaths_and_patterns() {
        let package = package(
            r##"{"exports": {".": "./i.js", "./a": ["./a.js"], "./x/*": "./x/*.js", "./x/y/*.js": "./y/*.js", "./x/z": null, "./old/": "./o/"},
                "imports": {"#in": {"import": "./in.js"}, "#ext": "other"}}"##,
        );
        for (subpath, path) in [
            (".", Some("./i.js")),
            ("./a", Some("./a.js")),
            ("./x/q", Some("./x/q.js")),
            ("./x/y/q.js", Some("./y/q.js")),
            ("./x/z", None),
            ("./old/f.js", Some("./o/f.js")),
            ("./b", None),
        ] {
            assert_eq!(package.exported(subpath, IMPORT).as_deref(), path, "{subpath}");
        }
        assert_eq!(package.imported("#in", IMPORT).as_deref(), Some("./in.js"));
        assert_eq!(package.imported("#in", REQUIRE), None);
        assert_eq!(package.imported("#ext", REQUIRE).as_deref(), Some("other"));
    }

    #[test]
    fn fields_of_wrong_types_are_absent() {
        let package = package(r#"{"name": 1, "main": {}, "type": "module", "exports": 5}"#);
        assert!(package.name.is_none() && package.main.is_none() && package.module_type);
        assert_eq!(package.exported(".", IMPORT), None);
    }
}
