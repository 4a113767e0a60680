//! The cache in real folders.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::{Cache, HEADER_BYTES, Key, MAGIC};

const HOUR: Duration = Duration::from_secs(3600);

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A path that does not exist yet, as on first use.
fn dir(folder: &TempDir) -> PathBuf {
    folder.path().join("cache").join("compiled")
}

fn open(dir: &Path) -> Cache {
    Cache::open(dir.to_owned())
}

fn key(name: &str) -> Key {
    Key::new(name.as_bytes(), b"configuration")
}

fn set_age(path: &Path, age: Duration) {
    let file = File::options().write(true).open(path).expect("the file");
    file.set_modified(SystemTime::now() - age).expect("a time");
}

fn names(dir: &Path) -> Vec<String> {
    let name = |file: std::io::Result<fs::DirEntry>| {
        file.expect("a file").file_name().into_string().expect("a name in UTF-8")
    };
    let mut names: Vec<_> = fs::read_dir(dir).expect("the folder").map(name).collect();
    names.sort();
    names
}

#[test]
fn what_was_put_is_found_by_this_and_by_other_processes() {
    let folder = folder();
    let dir = dir(&folder);
    let cache = open(&dir);
    assert_eq!(cache.get(&key("a")), None);
    assert!(!dir.exists(), "looking creates nothing");
    cache.put(&key("a"), b"code of a");
    cache.put(&key("empty"), b"");
    assert_eq!(cache.get(&key("a")).as_deref(), Some(b"code of a".as_slice()));
    assert_eq!(open(&dir).get(&key("a")).as_deref(), Some(b"code of a".as_slice()));
    assert_eq!(open(&dir).get(&key("empty")).as_deref(), Some(b"".as_slice()));
    assert_eq!(cache.get(&key("b")), None);
    cache.put(&key("a"), b"new code");
    assert_eq!(open(&dir).get(&key("a")).as_deref(), Some(b"new code".as_slice()));
    let left: Vec<_> = names(&dir).into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(left, Vec::<String>::new(), "temporary files are gone");
}

/// Puts an entry, replaces its bytes by `change` of them, and asserts that it is a miss and gone.
fn assert_rejected(what: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let folder = folder();
    let cache = open(&dir(&folder));
    cache.put(&key("a"), b"code of a");
    let path = cache.path(&key("a"));
    let bytes = fs::read(&path).expect("the entry");
    assert_eq!(bytes.len(), HEADER_BYTES + 9);
    fs::write(&path, change(bytes)).expect("a changed entry");
    assert_eq!(cache.get(&key("a")), None, "{what}");
    assert!(!path.exists(), "{what}: the entry is deleted");
    cache.put(&key("a"), b"code of a");
    assert!(cache.get(&key("a")).is_some(), "{what}: the entry is replaced");
}

#[test]
fn corrupt_entries_are_never_returned() {
    for at in 0..HEADER_BYTES + 9 {
        for bit in [1, 0x80] {
            assert_rejected(&format!("byte {at} changed by {bit}"), |mut bytes| {
                bytes[at] ^= bit;
                bytes
            });
        }
    }
}

#[test]
fn truncated_and_extended_entries_are_never_returned() {
    for len in 0..HEADER_BYTES + 9 {
        assert_rejected(&format!("cut to {len}"), |mut bytes| {
            bytes.truncate(len);
            bytes
        });
    }
    assert_rejected("extended", |bytes| [bytes.as_slice(), b"x"].concat());
}

#[test]
fn entries_of_another_format_are_never_returned() {
    assert_rejected("next version", |mut bytes| {
        bytes[MAGIC.len() - 1] += 1;
        bytes
    });
    assert_rejected("foreign", |_| b"\x7fELF and so on, longer than the header of an entry is".to_vec());
}

#[test]
fn a_genuine_entry_under_another_name_is_never_returned() {
    let folder = folder();
    let cache = open(&dir(&folder));
    cache.put(&key("a"), b"code of a");
    fs::rename(cache.path(&key("a")), cache.path(&key("b"))).expect("another name");
    assert_eq!(cache.get(&key("b")), None);
    assert!(!cache.path(&key("b")).exists());
}

#[test]
fn an_entry_made_with_another_secret_is_never_returned() {
    let (ours, theirs) = (folder(), folder());
    let (ours, theirs) = (open(&dir(&ours)), open(&dir(&theirs)));
    ours.put(&key("other"), b"so that there is a secret");
    theirs.put(&key("a"), b"evil");
    fs::copy(theirs.path(&key("a")), ours.path(&key("a"))).expect("a copy");
    assert_eq!(ours.get(&key("a")), None);
    assert!(!ours.path(&key("a")).exists());
}

#[test]
fn a_folder_that_cannot_be_used_is_a_miss() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, b"not a folder").expect("a file");
    for dir in [file.clone(), file.join("below")] {
        let cache = open(&dir);
        cache.put(&key("a"), b"code");
        assert_eq!(cache.get(&key("a")), None);
    }
    assert_eq!(fs::read(&file).expect("the file"), b"not a folder");
}

#[test]
fn something_else_in_the_place_of_an_entry_is_a_miss() {
    let folder = folder();
    let cache = open(&dir(&folder));
    cache.put(&key("b"), b"code");
    fs::create_dir(cache.path(&key("a"))).expect("a folder");
    assert_eq!(cache.get(&key("a")), None);
    cache.put(&key("a"), b"code");
    assert_eq!(cache.get(&key("b")).as_deref(), Some(b"code".as_slice()));
}

#[test]
fn a_secret_of_the_wrong_length_turns_the_cache_off() {
    for len in [0, 31, 33] {
        let folder = folder();
        let dir = dir(&folder);
        open(&dir).put(&key("a"), b"code");
        // Keeps the file's mode.
        fs::write(dir.join("secret"), vec![7; len]).expect("a secret");
        let cache = open(&dir);
        assert_eq!(cache.get(&key("a")), None);
        cache.put(&key("b"), b"code");
        assert!(!cache.path(&key("b")).exists(), "{len}");
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("metadata").permissions().mode() & 0o777
    }

    #[test]
    fn only_the_user_can_read_what_is_created() {
        let folder = folder();
        let dir = dir(&folder);
        let cache = open(&dir);
        cache.put(&key("a"), b"code");
        assert_eq!(mode(&dir), 0o700);
        assert_eq!(mode(&dir.join("secret")), 0o600);
        assert_eq!(mode(&cache.path(&key("a"))), 0o600);
    }

    #[test]
    fn a_secret_that_others_can_read_turns_the_cache_off() {
        let folder = folder();
        let dir = dir(&folder);
        open(&dir).put(&key("a"), b"code");
        for mode in [0o640, 0o604, 0o620, 0o602] {
            fs::set_permissions(dir.join("secret"), PermissionsExt::from_mode(mode)).expect("a mode");
            let cache = open(&dir);
            assert_eq!(cache.get(&key("a")), None, "{mode:o}");
            cache.put(&key("b"), b"code");
            assert!(!cache.path(&key("b")).exists(), "{mode:o}");
        }
        fs::set_permissions(dir.join("secret"), PermissionsExt::from_mode(0o600)).expect("a mode");
        assert!(open(&dir).get(&key("a")).is_some(), "the entry was not harmed");
    }

    #[test]
    fn symbolic_links_are_not_followed() {
        let folder = folder();
        let dir = dir(&folder);
        let cache = open(&dir);
        cache.put(&key("a"), b"code");
        // An entry.
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(cache.path(&key("a")), &elsewhere).expect("moved");
        symlink(&elsewhere, cache.path(&key("a"))).expect("a link");
        assert_eq!(cache.get(&key("a")), None);
        assert!(
            elsewhere.exists() && !cache.path(&key("a")).is_symlink(),
            "the link is deleted, not its target"
        );
        // The secret.
        let elsewhere = folder.path().join("secret elsewhere");
        fs::rename(dir.join("secret"), &elsewhere).expect("moved");
        symlink(&elsewhere, dir.join("secret")).expect("a link");
        let cache = open(&dir);
        cache.put(&key("b"), b"code");
        assert!(!cache.path(&key("b")).exists());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_in_the_place_of_an_entry_does_not_block() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        let folder = folder();
        let cache = open(&dir(&folder));
        cache.put(&key("b"), b"code");
        let path = cache.path(&key("a"));
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        assert_eq!(cache.get(&key("a")), None);
        assert!(!path.exists());
    }
}

#[test]
fn processes_that_start_at_once_agree_on_a_secret() {
    for _ in 0..50 {
        let folder = folder();
        let dir = dir(&folder);
        let barrier = Barrier::new(4);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (dir, barrier) = (&dir, &barrier);
                scope.spawn(move || {
                    let cache = open(dir);
                    barrier.wait();
                    cache.put(&key(&thread.to_string()), b"code");
                });
            }
        });
        let cache = open(&dir);
        for thread in 0..4 {
            assert_eq!(cache.get(&key(&thread.to_string())).as_deref(), Some(b"code".as_slice()));
        }
    }
}

#[test]
fn readers_see_whole_entries_while_writers_replace_them() {
    let folder = folder();
    let dir = dir(&folder);
    let payload = |n: u8| vec![n; 100_000];
    open(&dir).put(&key("a"), &payload(0));
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let dir = &dir;
            scope.spawn(move || {
                let cache = open(dir);
                for n in 0..50 {
                    cache.put(&key("a"), &payload(2 * n + writer));
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                let cache = open(&dir);
                for _ in 0..100 {
                    let found = cache.get(&key("a")).expect("an entry, old or new");
                    assert_eq!(found, payload(found[0]));
                }
            });
        }
    });
}

#[test]
fn the_entries_that_were_not_used_for_the_longest_time_make_room() {
    let folder = folder();
    let max_bytes = 3 * (HEADER_BYTES as u64 + 100);
    let cache = Cache { max_bytes, ..open(&dir(&folder)) };
    for (name, hours) in [("a", 5), ("b", 4), ("c", 3)] {
        cache.put(&key(name), &[1; 100]);
        set_age(&cache.path(&key(name)), hours * HOUR);
    }
    assert!(cache.get(&key("a")).is_some(), "a hit makes it young");
    cache.put(&key("d"), &[1; 100]);
    let kept = ["a", "b", "c", "d"].map(|name| cache.path(&key(name)).exists());
    assert_eq!(kept, [true, false, true, true]);
    cache.put(&key("large"), &[1; 300]);
    let kept = ["a", "c", "d", "large"].map(|name| cache.path(&key(name)).exists());
    assert_eq!(kept, [false, false, false, true]);
    cache.put(&key("too large"), &vec![1; max_bytes as usize]);
    assert!(!cache.path(&key("too large")).exists());
    assert!(cache.get(&key("large")).is_some());
}

#[test]
fn only_the_caches_own_files_are_removed() {
    let folder = folder();
    let dir = dir(&folder);
    let cache = Cache { max_bytes: HEADER_BYTES as u64 + 4, ..open(&dir) };
    cache.put(&key("a"), b"code");
    for name in ["notes.txt", "large.code", ".tmp-dead", ".tmp-alive"] {
        fs::write(dir.join(name), [1; 1000]).expect("a file");
    }
    set_age(&dir.join("notes.txt"), 10 * HOUR);
    set_age(&dir.join(".tmp-dead"), 2 * HOUR);
    set_age(&cache.path(&key("a")), HOUR);
    cache.put(&key("b"), b"code");
    let mut expected = vec![".tmp-alive".into(), "large.code".into(), "notes.txt".into(), "secret".into()];
    expected.push(key("b").file_name());
    expected.sort();
    assert_eq!(names(&dir), expected);
}
