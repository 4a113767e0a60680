//! Copies of guests' sources in which one line differs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::stamp::NOT_SOURCES;

/// Makes `to` a copy of the sources in `from`. Files that are the same already keep their times, so that compilers which
/// look at them build less.
///
/// # Errors
/// When a file cannot be read or written; the message names the folder.
pub(crate) fn folder(from: &Path, to: &Path) -> Result<()> {
    fill(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

fn fill(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if from.join(entry.file_name()).exists() || is_no_source(&entry) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if is_no_source(&entry) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fill(&entry.path(), &target)?;
        } else {
            let content = fs::read(entry.path())?;
            if fs::read(&target).ok().as_ref() != Some(&content) {
                fs::write(&target, content)?;
            }
        }
    }
    Ok(())
}

fn is_no_source(entry: &fs::DirEntry) -> bool {
    NOT_SOURCES.iter().any(|name| entry.file_name() == *name)
}

/// Replaces the one line of a file that begins with `start`.
///
/// # Errors
/// When there is not exactly one such line, or the file cannot be read or written.
pub(super) fn replace_line(file: &Path, start: &str, line: &str) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let found = text.lines().filter(|line| line.starts_with(start)).count();
    if found != 1 {
        bail!("{} has {found} lines that begin with {start:?}, but one is to be replaced", file.display());
    }
    let lines = text.lines().map(|old| if old.starts_with(start) { line } else { old });
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::{folder, fs, replace_line};

    #[test]
    fn a_copy_follows_its_source() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        for (path, content) in [("a/x", "1"), ("target/junk", "2"), ("y", "3")] {
            fs::create_dir_all(from.join(path).parent().unwrap()).unwrap();
            fs::write(from.join(path), content).unwrap();
        }
        folder(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("a/x")).unwrap(), "1");
        assert!(!to.join("target").exists());
        fs::remove_dir_all(from.join("a")).unwrap();
        fs::write(from.join("y"), "4").unwrap();
        folder(&from, &to).unwrap();
        assert!(!to.join("a").exists());
        assert_eq!(fs::read_to_string(to.join("y")).unwrap(), "4");
    }

    #[test]
    fn one_line_is_replaced() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("Cargo.toml");
        fs::write(&file, "a = 1\nb = 2\n").unwrap();
        replace_line(&file, "b = ", "b = 3").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "a = 1\nb = 3\n");
        let error = replace_line(&file, "c = ", "c = 3").unwrap_err().to_string();
        assert!(error.contains("has 0 lines that begin with \"c = \""), "{error}");
    }
}
