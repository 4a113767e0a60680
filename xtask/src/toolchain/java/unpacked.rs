//! Packages that were unpacked and not installed: what an installation would have done is done here.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Writes the certificates of a file into a key store.
const TRUST: &str = include_str!("Trust.java");

/// Where systems keep the certificates that are trusted.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The folder of the JDK below `root`.
pub(super) fn home(root: &Path) -> Result<PathBuf> {
    let folder = root.join("usr/lib/jvm");
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let home = entry?.path();
        if home.join("bin/javac").is_file() {
            return Ok(home);
        }
    }
    bail!("{} holds no JDK", folder.display())
}

/// Makes links below `root` lead to where their targets were unpacked; those to what was not unpacked, because
/// this system has it, lead there.
pub(super) fn relink(root: &Path) -> Result<()> {
    relink_folder(root, Path::new(""))
}

/// Does that in `folder`, whose path begins at `root`.
fn relink_folder(root: &Path, folder: &Path) -> Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            relink_folder(root, &folder.join(entry.file_name()))?;
        } else if kind.is_symlink() {
            let target = normal(folder, &fs::read_link(entry.path())?);
            let system = Path::new("/").join(&target);
            let unpacked = root.join(&target).symlink_metadata().is_ok();
            fs::remove_file(entry.path())?;
            if unpacked || !system.exists() {
                let up: PathBuf = folder.components().map(|_| "..").collect();
                symlink(up.join(target), entry.path())?;
            } else {
                symlink(system, entry.path())?;
            }
        }
    }
    Ok(())
}

/// Where a link in `folder` leads to: a path that begins at the root and has no `..`.
fn normal(folder: &Path, target: &Path) -> PathBuf {
    let mut path = PathBuf::new();
    for component in folder.join(target).components() {
        match component {
            Component::Normal(name) => path.push(name),
            Component::ParentDir => {
                path.pop();
            }
            Component::RootDir => path.clear(),
            Component::CurDir | Component::Prefix(_) => {}
        }
    }
    path
}

/// Makes the JDK below `root` work: its links, and the certificates that it trusts.
pub(super) fn complete_jdk(root: &Path) -> Result<()> {
    // Made where an installation would make it, and first, so that links lead to this one.
    let store = root.join("etc/ssl/certs/java/cacerts");
    fs::create_dir_all(root.join("etc/ssl/certs/java"))?;
    fs::write(&store, "")?;
    relink(root)?;

    let work = tempfile::tempdir()?;
    let program = work.path().join("Trust.java");
    fs::write(&program, TRUST)?;
    let java = home(root)?.join("bin").join("java");
    process::run(Command::new(java).arg(program).arg(CERTIFICATES).arg(store))
        .context("the certificates that this system trusts (package ca-certificates) are needed")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{fs, normal, relink, symlink};

    #[test]
    fn links_lead_to_what_was_unpacked() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("usr/lib");
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(root.path().join("etc")).unwrap();
        fs::write(root.path().join("etc/it"), "found").unwrap();
        symlink("/etc/it", folder.join("absolute")).unwrap();
        symlink("../../etc/it", folder.join("relative")).unwrap();
        symlink("/etc/comes-later", folder.join("dangling")).unwrap();
        relink(root.path()).unwrap();
        let target = |link: &str| fs::read_link(folder.join(link)).unwrap();
        assert_eq!(fs::read_to_string(folder.join("absolute")).unwrap(), "found");
        assert_eq!(fs::read_to_string(folder.join("relative")).unwrap(), "found");
        assert_eq!(target("absolute"), Path::new("../../etc/it"));
        assert_eq!(target("dangling"), Path::new("../../etc/comes-later"));
    }

    #[test]
    fn links_to_what_the_system_has_lead_there() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("usr")).unwrap();
        symlink("../bin/sh", root.path().join("usr/shell")).unwrap();
        relink(root.path()).unwrap();
        assert_eq!(fs::read_link(root.path().join("usr/shell")).unwrap(), Path::new("/bin/sh"));
    }

    #[test]
    fn targets_begin_at_the_root() {
        let cases =
            [("usr/lib", "../share/x", "usr/share/x"), ("usr", "/etc/x", "etc/x"), ("", "../../x", "x")];
        for (folder, target, expected) in cases {
            assert_eq!(normal(Path::new(folder), Path::new(target)), Path::new(expected));
        }
    }
}
