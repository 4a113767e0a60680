//! The development kits that `plugwright new` puts into projects: copies of `pdks/`, one text for each language.
//!
//! They lie in the folder of the command line's package, since a published package has nothing but its own folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::repository;

/// Stands in front of each file, and is followed by its path. The command line splits the text at it.
const MARK: &str = "=== ";

/// A kit: its language, and the folders whose sources it has, each with its place in the kit.
const KITS: [(&str, &[(&str, &str)]); 6] = [
    ("rust", &[("pdks/rust", ""), ("crates/convert", "convert")]),
    ("go", &[("pdks/go", "")]),
    ("c", &[("pdks/c", "")]),
    ("zig", &[("pdks/zig", "")]),
    ("assemblyscript", &[("pdks/assemblyscript", "")]),
    ("js", &[("pdks/js/types", "")]),
];

/// Whoever gets a copy gets the licence with it: of the two the one that is short.
const LICENCE: &str = "LICENSE-MIT";

/// What is a kit's source.
const EXTENSIONS: [&str; 6] = ["go", "h", "mod", "rs", "ts", "zig"];

/// Folders beside a Cargo.toml without anything that plug-ins need.
const SKIPPED: [&str; 5] = ["benches", "examples", "target", "testdata", "tests"];

/// Tables of a Cargo.toml that only its own tests need.
const FOR_TESTS: [&str; 4] = ["[dev-dependencies", "[[test", "[[bench", "[[example"];

/// Writes all kits.
///
/// # Errors
/// When a source cannot be read or a kit cannot be written.
pub(crate) fn write() -> Result<()> {
    for (language, sources) in KITS {
        let path = path(language);
        fs::write(&path, kit(sources)?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Makes sure that the kits are what `pdks/` has.
///
/// # Errors
/// When one is not.
pub(super) fn check() -> Result<()> {
    for (language, sources) in KITS {
        let path = path(language);
        let kept = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        ensure!(
            kept == kit(sources)?,
            "{} is not what pdks/ has now; run `cargo xtask pdks`",
            path.display()
        );
    }
    Ok(())
}

fn path(language: &str) -> PathBuf {
    repository::root().join("crates/cli/pdk").join(format!("{language}.txt"))
}

fn kit(sources: &[(&str, &str)]) -> Result<String> {
    let licence = fs::read_to_string(repository::root().join(LICENCE))
        .with_context(|| format!("cannot read {LICENCE}"))?;
    let mut text = format!("{MARK}{LICENCE}\n{licence}");
    for (from, to) in sources {
        let from = repository::root().join(from);
        add_folder(&mut text, &from, Path::new(to))
            .with_context(|| format!("cannot read {}", from.display()))?;
    }
    Ok(text)
}

fn add_folder(text: &mut String, from: &Path, to: &Path) -> Result<()> {
    let mut entries = fs::read_dir(from)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let is_package = from.join("Cargo.toml").is_file();
    for entry in entries {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            if !(is_package && SKIPPED.contains(&&*name)) {
                add_folder(text, &path, &to)?;
            }
        } else if is_source(&name) {
            let content = fs::read_to_string(&path)?;
            let content = if name == "Cargo.toml" { manifest(&content) } else { content };
            ensure!(content.ends_with('\n'), "{} does not end with a line break", path.display());
            ensure!(
                !content.lines().any(|line| line.starts_with(MARK)),
                "{} has a line that begins with `{MARK}`, by which files are told apart",
                path.display()
            );
            text.push_str(&format!("{MARK}{}\n{content}", to.display()));
        }
    }
    Ok(())
}

fn is_source(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    name == "Cargo.toml" || (EXTENSIONS.contains(&extension) && !name.ends_with("_test.go"))
}

/// The Cargo.toml of a copy: its neighbours lie elsewhere, and its tests stay behind.
fn manifest(text: &str) -> String {
    let mut for_tests = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.starts_with('[') {
            for_tests = FOR_TESTS.iter().any(|table| line.starts_with(table));
        }
        if !for_tests {
            kept.push_str(&line.replace("../../crates/convert", "convert"));
            kept.push('\n');
        }
    }
    kept.truncate(kept.trim_end().len());
    kept.push('\n');
    kept
}

#[cfg(test)]
mod tests {
    use super::{check, is_source, manifest};

    #[test]
    fn kits_are_what_the_repository_has() {
        check().unwrap();
    }

    #[test]
    fn manifests_lose_their_tests() {
        let text = "[package]\nname = \"x\"\n\n[dependencies]\na = { path = \"../../crates/convert\" }\n\n\
                    [dev-dependencies]\nb = \"1\"\n\n[[test]]\nname = \"t\"\n\n[lints.rust]\nc = \"deny\"\n";
        let kept = "[package]\nname = \"x\"\n\n[dependencies]\na = { path = \"convert\" }\n\n[lints.rust]\nc = \"deny\"\n";
        assert_eq!(manifest(text), kept);
    }

    #[test]
    fn sources_are_told_by_their_names() {
        for name in
            ["Cargo.toml", "lib.rs", "go.mod", "memory.go", "plugwright.h", "plugwright.zig", "plugwright.ts"]
        {
            assert!(is_source(name), "{name}");
        }
        for name in ["memory_test.go", "README.md", "Cargo.lock", "extra.toml"] {
            assert!(!is_source(name), "{name}");
        }
    }
}
