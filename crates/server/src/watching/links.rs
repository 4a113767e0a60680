//! Symbolic links on the way to a file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The most links that are followed, as systems have it.
const MAX_LINKS: usize = 40;

/// The symbolic links on the way to a file, its folders' among them, and at last the file that they lead to. Nothing where there is no link.
pub(super) fn on_the_way(file: &Path) -> Vec<PathBuf> {
    // Without a working folder nothing can be found out about a relative path.
    let Ok(file) = std::path::absolute(file) else { return Vec::new() };
    let mut links = Vec::new();
    let mut left = components(&file);
    let mut here = PathBuf::new();
    while let Some(component) = left.pop() {
        here.push(component);
        let Ok(target) = here.read_link() else { continue };
        if links.len() == MAX_LINKS {
            return links;
        }
        links.push(here.clone());
        here.pop();
        left.extend(components(&target));
    }
    if !links.is_empty() {
        links.push(here);
    }
    links
}

/// The last one first. One that is absolute begins with the root, which takes the place of what was before.
fn components(path: &Path) -> Vec<OsString> {
    path.components().rev().map(|component| component.as_os_str().to_owned()).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::on_the_way;

    #[test]
    fn links_of_files_and_folders_are_found() {
        let folder = tempfile::tempdir().expect("a folder");
        // The folder itself may be behind links.
        let root = folder.path().canonicalize().expect("a path");
        let in_root = |names: &[&str]| names.iter().map(|name| root.join(name)).collect::<Vec<PathBuf>>();
        std::fs::create_dir(root.join("..1")).expect("a folder");
        std::fs::write(root.join("..1/file"), "").expect("a file");
        assert!(on_the_way(&root.join("..1/file")).is_empty());
        symlink("..1", root.join("..data")).expect("a link");
        symlink("..data/file", root.join("file")).expect("a link");
        assert_eq!(on_the_way(&root.join("file")), in_root(&["file", "..data", "..1/file"]));
        symlink(root.join("..data"), root.join("absolute")).expect("a link");
        assert_eq!(on_the_way(&root.join("absolute/file")), in_root(&["absolute", "..data", "..1/file"]));
        symlink("circle", root.join("circle")).expect("a link");
        assert_eq!(on_the_way(&root.join("circle")).len(), super::MAX_LINKS);
    }
}
