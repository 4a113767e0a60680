//! The compilation cache as a host sees it: it saves work, and never runs what somebody else wrote.

use std::fs;
use std::path::{Path, PathBuf};

use plugwright::{CompilationCache, Plugin, PluginBuilder};

use crate::support::{count, plain, wat};

fn cached(folder: &Path) -> PluginBuilder {
    plain(&wat("", "")).cache(CompilationCache::Folder(folder.to_owned()))
}

fn works(folder: &Path) {
    let mut plugin: Plugin = cached(folder).build().unwrap();
    assert_eq!(count(&mut plugin), 1);
}

/// The entries with compiled code, which is the larger part of what is in the folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.metadata().is_ok_and(|metadata| metadata.len() > 1000));
    files.sort();
    files
}

#[test]
fn code_is_compiled_once() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("made/when/needed");
    works(&cache);
    let [entry] = &entries(&cache)[..] else { panic!("{:?}", entries(&cache)) };
    let before = (fs::read(entry).unwrap(), fs::metadata(entry).unwrap().modified().unwrap());
    works(&cache);
    assert_eq!(entries(&cache), std::slice::from_ref(entry));
    assert!(before == (fs::read(entry).unwrap(), fs::metadata(entry).unwrap().modified().unwrap()), "a hit");
}

#[test]
fn other_code_and_other_settings_are_other_entries() {
    let folder = tempfile::tempdir().unwrap();
    works(folder.path());
    cached(folder.path()).fuel(1000).build().unwrap();
    assert_eq!(entries(folder.path()).len(), 2);
    let other = plain(&wat("", r#"(func (export "more"))"#));
    other.cache(CompilationCache::Folder(folder.path().to_owned())).build().unwrap();
    assert_eq!(entries(folder.path()).len(), 3);
}

#[test]
fn what_is_corrupt_is_compiled_again_and_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    works(folder.path());
    let entry = entries(folder.path()).remove(0);
    let good = fs::read(&entry).unwrap();
    let middle = good.len() / 2;
    let flipped = [&good[..middle], &[good[middle] ^ 1], &good[middle + 1..]].concat();
    for bad in [&[][..], b"garbage", &good[..good.len() - 1], &good[..20], &flipped] {
        fs::write(&entry, bad).unwrap();
        works(folder.path());
        assert_eq!(fs::read(&entry).unwrap().len(), good.len(), "it is written again");
        works(folder.path());
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "not a folder").unwrap();
    works(&file);
    works(&file.join("below"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "not a folder");
}

#[test]
fn many_threads_may_use_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..3).for_each(|_| works(folder.path())));
        }
    });
    assert_eq!(entries(folder.path()).len(), 1);
}

#[test]
fn turned_off_it_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    cached(folder.path()).cache(CompilationCache::Off).build().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
