//! Where a plug-in's sources begin, and what their files are called.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::error::Error;
use crate::package::{Package, Value};
use crate::resolve::{self, Resolved};

/// Where a plug-in begins by custom, without endings.
const CUSTOMARY: [&str; 6] = ["src/index", "index", "src/plugin", "plugin", "src/main", "main"];

/// A plug-in's sources.
pub(crate) struct Project {
    /// The first file, by its true path.
    pub(crate) entry: PathBuf,
    /// The folder that names of files are relative to: that of the package, or of the first file.
    pub(crate) root: PathBuf,
}

impl Project {
    /// Looks at a file, or at a folder with a package.
    ///
    /// # Errors
    ///
    /// When it is not there, or a folder does not say which file is the first.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let cannot = |reason| Error::File { path: path.to_owned(), reason };
        let real = fs::canonicalize(path).map_err(cannot)?;
        if real.is_dir() {
            let entry = first_file(&real)?;
            return Ok(Self { entry, root: real });
        }
        let folder = real.parent().unwrap_or(&real).to_owned();
        let root = folder.ancestors().find(|folder| folder.join("package.json").is_file());
        let root = root.unwrap_or(&folder).to_owned();
        Ok(Self { entry: real, root })
    }

    /// What a file is called: its path from the root, with `/`. Never an absolute path, which would be another one on each
    /// machine. A package outside of the project, where a package manager keeps it, is called as if it were inside.
    pub(crate) fn name(&self, path: &Path) -> String {
        if !path.starts_with(&self.root)
            && let Some(at) = path.components().position(|part| part.as_os_str() == "node_modules")
        {
            let parts =
                path.components().skip(at).map(|part| part.as_os_str().to_string_lossy().into_owned());
            return parts.collect::<Vec<_>>().join("/");
        }
        let common = self.root.components().zip(path.components()).take_while(|(a, b)| a == b).count();
        let up = self.root.components().count() - common;
        let mut parts = vec!["..".to_owned(); up];
        for part in path.components().skip(common) {
            if !matches!(part, Component::RootDir | Component::CurDir) {
                parts.push(part.as_os_str().to_string_lossy().into_owned());
            }
        }
        parts.join("/")
    }

    /// The files that declare things for TypeScript beside the first file and in the project's folder, sorted.
    pub(crate) fn declarations(&self) -> Result<Vec<PathBuf>, Error> {
        let beside = self.entry.parent().unwrap_or(&self.root);
        let mut found = Vec::new();
        for folder in [beside, &self.root] {
            let cannot = |reason| Error::File { path: folder.to_owned(), reason };
            for entry in fs::read_dir(folder).map_err(cannot)? {
                let path = entry.map_err(cannot)?.path();
                if is_declaration(&path) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }
}

/// Whether this is a `.d.ts`.
pub(crate) fn is_declaration(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".d.ts", ".d.mts", ".d.cts"].iter().any(|ending| name.ends_with(ending))
}

/// The first file of the plug-in in a folder.
pub(crate) fn first_file(folder: &Path) -> Result<PathBuf, Error> {
    if let Some(package) = Package::read(folder)? {
        let conditions = ["plugwright", "source", "import", "module", "browser", "default"];
        let exported = package.exported(".", &conditions);
        for path in [package.source, exported, package.module, package.main].into_iter().flatten() {
            if let Resolved::File(path) = resolve::file(&folder.join(path)) {
                return Ok(path);
            }
        }
        if let Some(Value::Text(path)) = package.browser
            && let Resolved::File(path) = resolve::file(&folder.join(path))
        {
            return Ok(path);
        }
    }
    for path in CUSTOMARY {
        if let Resolved::File(path) = resolve::file(&folder.join(path)) {
            return Ok(path);
        }
    }
    Err(Error::NoEntry { folder: folder.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::{Error, Project};

    fn entry(files: &[(&str, &str)]) -> Result<String, Error> {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let project = Project::open(folder.path())?;
        Ok(project.name(&project.entry))
    }

    #[test]
    fn the_first_file_of_a_folder() {
        let package = |json| ("package.json", json);
        for (files, expected) in [
            (&[("index.js", ""), ("plugin.js", "")][..], "index.js"),
            (&[("src/plugin.ts", ""), ("plugin.js", "")], "src/plugin.ts"),
            (&[package(r#"{"main": "dist/p.js"}"#), ("src/index.ts", "")], "src/index.ts"),
            (&[package(r#"{"main": "p"}"#), ("p.js", ""), ("index.js", "")], "p.js"),
            (&[package(r#"{"source": "a.ts", "main": "p.js"}"#), ("p.js", ""), ("a.ts", "")], "a.ts"),
            (&[package(r#"{"exports": {"import": "./m.mjs"}}"#), ("m.mjs", ""), ("index.js", "")], "m.mjs"),
        ] {
            assert_eq!(entry(files).unwrap(), expected, "{files:?}");
        }
        let error = entry(&[("a.js", "")]).unwrap_err().to_string();
        assert!(error.contains("src/index") && error.contains("name the file"), "{error}");
        assert!(matches!(Project::open("no-such-file.js".as_ref()), Err(Error::File { .. })));
    }

    #[test]
    fn names_are_relative() {
        let project = Project { entry: PathBuf::from("/p/a/x.js"), root: PathBuf::from("/p/a") };
        assert_eq!(project.name(Path::new("/p/a/src/x.js")), "src/x.js");
        assert_eq!(project.name(Path::new("/p/node_modules/y/i.js")), "node_modules/y/i.js");
        assert_eq!(project.name(Path::new("/q.js")), "../../q.js");
    }
}
