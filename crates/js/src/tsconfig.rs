//! `paths` of a `tsconfig.json`: names that stand for files of the project.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Error;

/// How long a chain of `extends` may be.
const MAX_EXTENDS: usize = 16;

/// What a project's names stand for.
#[derive(Debug)]
pub(crate) struct Paths {
    /// The folder that targets are relative to.
    base: PathBuf,
    targets: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct File {
    extends: Extends,
    compiler_options: Options,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    base_url: Option<String>,
    paths: Option<BTreeMap<String, Vec<String>>>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Extends {
    #[default]
    Nothing,
    One(String),
    /// The last ones come first.
    Several(Vec<String>),
}

impl Paths {
    /// Those of the `tsconfig.json` in a folder; `None` when there is no such file.
    ///
    /// # Errors
    ///
    /// When the file, or one that it extends by a relative path, cannot be read or is no JSON.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join("tsconfig.json");
        if !path.is_file() {
            return Ok(None);
        }
        let mut found = Found::default();
        found.add(&path, 0)?;
        let base = found.base_url.or(found.folder).unwrap_or_else(|| folder.to_owned());
        Ok(Some(Self { base, targets: found.paths.unwrap_or_default() }))
    }

    /// Where a name may lie, in the order in which to look.
    pub(crate) fn candidates(&self, name: &str) -> Vec<PathBuf> {
        let targets = |list: &[String], middle: &str| {
            list.iter().map(|target| self.base.join(target.replacen('*', middle, 1))).collect()
        };
        if let Some(list) = self.targets.get(name) {
            return targets(list, "");
        }
        let matching = self.targets.iter().filter_map(|(pattern, list)| {
            let (before, after) = pattern.split_once('*')?;
            let middle = name.strip_prefix(before)?.strip_suffix(after)?;
            Some((before.len(), middle, list))
        });
        // The longest beginning decides.
        let best = matching.max_by_key(|(length, ..)| *length);
        best.map_or_else(Vec::new, |(_, middle, list)| targets(list, middle))
    }
}

/// What a file, and those that it extends, say; what was found first stays.
#[derive(Default)]
struct Found {
    base_url: Option<PathBuf>,
    paths: Option<BTreeMap<String, Vec<String>>>,
    /// That of the file with the `paths`.
    folder: Option<PathBuf>,
}

impl Found {
    fn add(&mut self, path: &Path, depth: usize) -> Result<(), Error> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            // What is extended may be for tools that are not there.
            Err(error) if depth > 0 && error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(reason) => return Err(Error::File { path: path.to_owned(), reason }),
        };
        let file: File = serde_json::from_str(&plain(text.trim_start_matches('\u{feff}')))
            .map_err(|error| Error::Package { path: path.to_owned(), reason: error.to_string() })?;
        let folder = path.parent().unwrap_or(path);
        let Options { base_url, paths } = file.compiler_options;
        if self.base_url.is_none() {
            self.base_url = base_url.map(|base| folder.join(base));
        }
        if self.paths.is_none() && paths.is_some() {
            self.paths = paths;
            self.folder = Some(folder.to_owned());
        }
        let extended = match file.extends {
            Extends::Nothing => Vec::new(),
            Extends::One(one) => vec![one],
            Extends::Several(several) => several,
        };
        for name in extended.iter().rev().filter(|name| name.starts_with('.')) {
            if depth < MAX_EXTENDS {
                let path = folder.join(name);
                self.add(
                    &if path.is_file() { path } else { folder.join(format!("{name}.json")) },
                    depth + 1,
                )?;
            }
        }
        Ok(())
    }
}

/// JSON without the comments and the commas before closing brackets that TypeScript allows.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '"' => text_length(rest),
            '/' if rest.starts_with("//") => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            '/' if rest.starts_with("/*") => {
                rest = rest.split_once("*/").map_or("", |(_, after)| after);
                continue;
            }
            ']' | '}' => {
                let without = plain.trim_end();
                if without.ends_with(',') {
                    plain.truncate(without.len() - 1);
                }
                1
            }
            other => other.len_utf8(),
        };
        plain.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    plain
}

/// The length of the text in quotes that this begins with.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Paths, plain};

    fn paths(files: &[(&str, &str)]) -> (tempfile::TempDir, Paths) {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let paths = Paths::read(folder.path()).unwrap().unwrap();
        (folder, paths)
    }

    #[track_caller]
    fn check(paths: &Paths, folder: &Path, name: &str, expected: &[&str]) {
        let expected: Vec<_> = expected.iter().map(|path| folder.join(path)).collect();
        assert_eq!(paths.candidates(name), expected, "{name}");
    }

    #[test]
    fn comments_and_commas_go() {
        let text = "{ // a\n \"a//b\": [1, 2, /* , */ ], \"c\\\"/*\": {\"d\": \"\\\\\",},\n}";
        assert_eq!(plain(text), "{ \n \"a//b\": [1, 2], \"c\\\"/*\": {\"d\": \"\\\\\"}}");
    }

    #[test]
    fn patterns_have_one_star() {
        let json = r#"{"compilerOptions": {"paths": {
            "@/*": ["src/*"], "@/ui/*": ["ui/*", "old-ui/*"], "shared": ["../shared/index.ts"], // the rest
        }}}"#;
        let (folder, paths) = paths(&[("tsconfig.json", json)]);
        check(&paths, folder.path(), "@/a/b", &["src/a/b"]);
        check(&paths, folder.path(), "@/ui/x", &["ui/x", "old-ui/x"]);
        check(&paths, folder.path(), "shared", &["../shared/index.ts"]);
        check(&paths, folder.path(), "other", &[]);
    }

    #[test]
    fn what_is_extended_counts_unless_it_is_said_anew() {
        let (folder, paths) = paths(&[
            (
                "tsconfig.json",
                r#"{"extends": ["@tsconfig/strictest", "./base"], "compilerOptions": {"baseUrl": "src"}}"#,
            ),
            ("base.json", r#"{"compilerOptions": {"baseUrl": "lib", "paths": {"a": ["x"]}}}"#),
        ]);
        check(&paths, folder.path(), "a", &["src/x"]);
        let (folder, paths) = self::paths(&[("tsconfig.json", "{}")]);
        check(&paths, folder.path(), "a", &[]);
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Paths::read(folder.path()).unwrap().is_none());
        std::fs::write(folder.path().join("tsconfig.json"), "{").unwrap();
        let error = Paths::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("tsconfig.json"), "{error}");
    }
}
