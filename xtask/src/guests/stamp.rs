//! Records what the built guests of one language were made from.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders beside the sources that tools fill.
pub(super) const NOT_SOURCES: [&str; 3] = ["target", "node_modules", ".zig-cache"];

/// The record: a hash of the inputs, then the names of the files made from them, one a line.
pub(super) struct Stamp {
    folder: PathBuf,
    record: PathBuf,
}

impl Stamp {
    /// The record of one group of guests among the built files in `folder`.
    pub(super) fn new(folder: &Path, group: &str) -> Self {
        Self { folder: folder.to_owned(), record: folder.join(format!(".{group}.stamp")) }
    }

    /// Whether everything was built from these inputs and is still there.
    pub(super) fn is(&self, inputs: &str) -> bool {
        let record = self.read();
        let mut lines = record.lines();
        lines.next() == Some(inputs) && lines.all(|file| self.folder.join(file).is_file())
    }

    /// Replaces the built files by those in `fresh`. Interrupted, it leaves a record that fits no inputs.
    pub(super) fn replace(&self, inputs: &str, fresh: &Path) -> Result<()> {
        for file in self.read().lines().skip(1) {
            // It may be gone already.
            let _ = fs::remove_file(self.folder.join(file));
        }
        let mut names = file_names(fresh)?;
        names.sort();
        self.write("", &names)?;
        for name in &names {
            fs::rename(fresh.join(name), self.folder.join(name))?;
        }
        self.write(inputs, &names)
    }

    fn read(&self) -> String {
        // A missing record is one that fits no inputs.
        fs::read_to_string(&self.record).unwrap_or_default()
    }

    fn write(&self, inputs: &str, names: &[String]) -> Result<()> {
        let record = format!("{inputs}\n{}\n", names.join("\n"));
        fs::write(&self.record, record).with_context(|| format!("cannot write {}", self.record.display()))
    }
}

/// A hash of every file in `sources`, which are files and folders, and of what else the result depends on.
pub(crate) fn hash(sources: impl IntoIterator<Item = PathBuf>, others: &[&str]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    others.hash(&mut hasher);
    for source in sources {
        let hashed =
            if source.is_dir() { hash_folder(&source, &mut hasher) } else { hash_file(&source, &mut hasher) };
        hashed.with_context(|| format!("cannot read {}", source.display()))?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn hash_folder(folder: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        if NOT_SOURCES.iter().any(|skipped| name == *skipped) {
            continue;
        }
        name.hash(hasher);
        if entry.file_type()?.is_dir() {
            hash_folder(&entry.path(), hasher)?;
        } else {
            hash_file(&entry.path(), hasher)?;
        }
    }
    Ok(())
}

fn hash_file(file: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    fs::read(file)?.hash(hasher);
    Ok(())
}

fn file_names(folder: &Path) -> Result<Vec<String>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::{Path, Stamp, fs, hash};

    fn fill(folder: &Path, files: &[(&str, &str)]) {
        for (name, content) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }

    #[test]
    fn the_hash_follows_sources_and_versions() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), &[("a.c", "1"), ("sub/b.c", "2")]);
        let hash =
            |names: &[&str], version| hash(names.iter().map(|name| folder.path().join(name)), &[version]);
        let sources = ["sub", "a.c"];
        let first = hash(&sources, "v1").unwrap();
        assert_eq!(hash(&sources, "v1").unwrap(), first);
        assert_ne!(hash(&sources, "v2").unwrap(), first);
        assert_ne!(hash(&sources[..1], "v1").unwrap(), first);
        fill(folder.path(), &[("sub/target/junk", "3")]);
        assert_eq!(hash(&sources, "v1").unwrap(), first);
        fill(folder.path(), &[("sub/b.c", "3")]);
        assert_ne!(hash(&sources, "v1").unwrap(), first);
    }

    #[test]
    fn a_record_holds_until_inputs_change_or_a_file_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = Stamp::new(folder.path(), "c");
        assert!(!stamp.is("one"));
        let fresh = tempfile::tempdir_in(folder.path()).unwrap();
        fill(fresh.path(), &[("c_a.wasm", "a"), ("c_b.wasm", "b")]);
        stamp.replace("one", fresh.path()).unwrap();
        assert!(stamp.is("one"));
        assert!(!stamp.is("two"));
        fs::remove_file(folder.path().join("c_a.wasm")).unwrap();
        assert!(!stamp.is("one"));
    }

    #[test]
    fn files_that_are_no_longer_built_go_away() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = Stamp::new(folder.path(), "c");
        for name in ["c_old.wasm", "c_new.wasm"] {
            let fresh = tempfile::tempdir_in(folder.path()).unwrap();
            fill(fresh.path(), &[(name, "")]);
            stamp.replace(name, fresh.path()).unwrap();
        }
        assert!(folder.path().join("c_new.wasm").is_file());
        assert!(!folder.path().join("c_old.wasm").exists());
    }
}
