//! Telling the language of a plug-in's source from its files.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::BuildError;
use super::javascript;
use crate::language::Language;

/// The language of the source in a folder.
///
/// A build file decides; source files alone do where there is none, since projects in any language may have some C.
///
/// # Errors
///
/// When nothing says what it is, or several things do.
pub(super) fn language(folder: &Path) -> Result<Language, BuildError> {
    let mut candidates = by_build_files(folder);
    if candidates.is_empty() && folder.join("package.json").is_file() {
        // Projects in other languages may have one, too, for a tool of theirs.
        candidates.extend(by_first_file(folder)?);
    }
    if candidates.is_empty() {
        candidates = by_sources(folder)?;
    }
    if candidates.is_empty() {
        candidates.extend(by_first_file(folder)?);
    }
    match *candidates {
        [] => Err(BuildError::NoSource { folder: folder.to_owned() }),
        [(language, _)] => Ok(language),
        _ => Err(BuildError::Ambiguous { folder: folder.to_owned(), candidates }),
    }
}

fn by_build_files(folder: &Path) -> Vec<(Language, PathBuf)> {
    let mut found = Vec::new();
    let mut look_for = |language, file: &str, is_one: fn(&str) -> bool| {
        // A file that cannot be read is one for the tool that needs it.
        let text = fs::read_to_string(folder.join(file));
        if text.is_ok_and(|text| is_one(&text)) && found.iter().all(|(known, _)| *known != language) {
            found.push((language, PathBuf::from(file)));
        }
    };
    look_for(Language::Rust, "Cargo.toml", |_| true);
    look_for(Language::Go, "go.mod", |_| true);
    look_for(Language::Zig, "build.zig", |_| true);
    look_for(Language::AssemblyScript, "asconfig.json", |_| true);
    look_for(Language::AssemblyScript, "package.json", needs_assemblyscript);
    if found.len() > 1 {
        // A program in Rust may lie beside a plug-in in another language.
        let is_plugin = makes_cdylib(folder);
        found.retain(|(language, _)| *language != Language::Rust || is_plugin);
    }
    found
}

/// A plug-in in JavaScript or TypeScript begins with one file.
fn by_first_file(folder: &Path) -> Result<Option<(Language, PathBuf)>, BuildError> {
    let file = match plugwright_js::first_file(folder) {
        Ok(file) => file,
        Err(plugwright_js::Error::NoEntry { .. }) => return Ok(None),
        // A package.json that is not valid is somebody else's business, unless nobody else wants the folder.
        Err(error) => return Err(error.into()),
    };
    let name = file.strip_prefix(folder).unwrap_or(&file).to_owned();
    Ok(javascript::language(&file).map(|language| (language, name)))
}

fn by_sources(folder: &Path) -> Result<Vec<(Language, PathBuf)>, BuildError> {
    let mut found: Vec<(Language, PathBuf)> = Vec::new();
    for (language, extensions) in
        [(Language::Go, &["go"][..]), (Language::Zig, &["zig"]), (Language::C, &C_EXTENSIONS)]
    {
        if let Some(file) = sources(folder, extensions)?.into_iter().next() {
            found.push((language, file));
        }
    }
    Ok(found)
}

/// The extensions of C and C++.
pub(super) const C_EXTENSIONS: [&str; 4] = ["c", "cpp", "cc", "cxx"];

/// The files with these extensions in the folder and in its `src`, from the folder, sorted.
///
/// # Errors
///
/// When the folder cannot be read.
pub(super) fn sources(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, BuildError> {
    let mut found = Vec::new();
    for below in ["", "src"] {
        let inside = folder.join(below);
        if !below.is_empty() && !inside.is_dir() {
            continue;
        }
        let cannot = |reason| BuildError::File { action: "read", path: inside.clone(), reason };
        for entry in fs::read_dir(&inside).map_err(cannot)? {
            let path = Path::new(below).join(entry.map_err(cannot)?.file_name());
            let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
            if extensions.contains(&extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn needs_assemblyscript(text: &str) -> bool {
    let package: Value = serde_json::from_str(text).unwrap_or_default();
    ["dependencies", "devDependencies"].iter().any(|group| package[*group].get("assemblyscript").is_some())
}

/// Whether the folder's Cargo.toml is that of a library for other languages, as plug-ins are.
pub(super) fn makes_cdylib(folder: &Path) -> bool {
    // A file that cannot be read or is not valid is one for Cargo to complain about.
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = text.parse().unwrap_or_default();
    let types = manifest.get("lib").and_then(|lib| lib.get("crate-type")).and_then(toml::Value::as_array);
    types.is_some_and(|types| types.iter().any(|ty| ty.as_str() == Some("cdylib")))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{BuildError, Language, language};

    const CDYLIB: &str = "[package]\nname = \"x\"\n[lib]\ncrate-type = [\"cdylib\"]\n";
    const NEEDS: &str = r#"{"devDependencies": {"assemblyscript": "1"}}"#;

    fn detect(files: &[(&str, &str)]) -> Result<Language, BuildError> {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        language(folder.path())
    }

    #[test]
    fn files_tell_the_language() {
        for (files, found) in [
            (&[("Cargo.toml", CDYLIB), ("helper.c", "")][..], Language::Rust),
            (&[("Cargo.toml", "[package]\nname = \"x\"\n")], Language::Rust),
            (&[("go.mod", ""), ("main.go", "")], Language::Go),
            (&[("go.mod", ""), ("Cargo.toml", "[package]\nname = \"host\"\n")], Language::Go),
            (&[("main.go", "")], Language::Go),
            (&[("build.zig", ""), ("a.c", "")], Language::Zig),
            (&[("a.zig", "")], Language::Zig),
            (&[("a.c", "")], Language::C),
            (&[("src/a.cpp", "")], Language::C),
            (&[("package.json", NEEDS)], Language::AssemblyScript),
            (&[("asconfig.json", "{}"), ("package.json", NEEDS)], Language::AssemblyScript),
            (&[("package.json", "{}"), ("index.js", "")], Language::JavaScript),
            (&[("package.json", r#"{"main": "a.ts"}"#), ("a.ts", ""), ("b.c", "")], Language::TypeScript),
            (&[("src/plugin.ts", "")], Language::TypeScript),
            (&[("go.mod", ""), ("package.json", "{}"), ("index.js", "")], Language::Go),
        ] {
            assert_eq!(detect(files).unwrap(), found, "{files:?}");
        }
    }

    #[test]
    fn what_is_ambiguous_is_said() {
        let error = detect(&[("Cargo.toml", CDYLIB), ("go.mod", "")]).unwrap_err().to_string();
        for word in ["Rust (`Cargo.toml`) or Go (`go.mod`)", "language = \"rust\"", "plugwright.toml"] {
            assert!(error.contains(word), "{error}");
        }
        let error = detect(&[("a.zig", ""), ("b.c", "")]).unwrap_err().to_string();
        assert!(error.contains("Zig (`a.zig`) or C (`b.c`)"), "{error}");
    }

    #[test]
    fn nothing_is_an_error() {
        for files in [&[][..], &[("package.json", "{}")], &[("a.py", "")], &[("a.js", "")]] {
            let error = detect(files).unwrap_err().to_string();
            assert!(error.contains("no source of a plug-in"), "{error}");
        }
    }
}
