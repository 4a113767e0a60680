//! What happens when disks fail, and the host itself: to stores in files.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use plugwright_capabilities::Kv;
use serde_json::json;

use crate::store::Store;

/// Tells a child process of these tests which file to write to.
const FILE: &str = "PLUGWRIGHT_TEST_KV_FILE";

/// What a child deletes to make room, in the folder of the file.
const FILLER: &str = "filler";

/// This test again, in a process of its own, which sees the file's name.
fn child(file: &Path, test: &str, shell: &str) -> Child {
    let this = std::env::current_exe().expect("a program");
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{shell} exec \"$@\"")).arg("sh").arg(this);
    command.args(["--exact", test, "--nocapture"]).env(FILE, file);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a process")
}

/// The keys that a child says it has written.
fn written(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
    lines.filter_map(|line| Some(line.split_once("written ")?.1.to_owned()))
}

#[test]
fn a_killed_host_loses_nothing_that_was_acknowledged() {
    if let Some(file) = std::env::var_os(FILE) {
        // The child: writes until it is killed.
        let mut store = Store::with(&Kv::open(file).expect("the store"));
        for number in 0.. {
            let key = number.to_string();
            assert!(store.one(json!(["set", key, key])).is_null());
            println!("written {key}");
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data.redb");
    let mut known = 0;
    for round in 1..=3 {
        let mut child = child(&file, "disks::a_killed_host_loses_nothing_that_was_acknowledged", "");
        let mut written = written(&mut child);
        let acknowledged = written.nth(20 * round).expect("a child that writes");
        child.kill().expect("a child that runs");
        // What it said before it was killed counts, too.
        let last = written.last().unwrap_or(acknowledged);
        child.wait().expect("a child that ends");
        let last: usize = last.parse().expect("a number");
        known = known.max(last);
        let mut store = Store::with(&Kv::open(&file).expect("a store that a dead process left"));
        for number in 0..=known {
            assert_eq!(store.one(json!(["get", number.to_string()])), json!(number.to_string()));
        }
    }
}

/// No file of the child may be larger than this. The signal that would end it is ignored, so that writing fails.
const LIMITED: &str = "trap '' XFSZ; ulimit -f 16384;";

/// A small disk of the child's own in the folder of the file, with something on it that can be deleted.
const SMALL_DISK: &str = "disk=${PLUGWRIGHT_TEST_KV_FILE%/*}; mount -t tmpfs -o size=8m none \"$disk\" && \
     head -c 3000000 /dev/zero > \"$disk/filler\" &&";

/// How programs get mounts of their own: root, and others where the system lets them.
const OWN_MOUNTS: [&str; 2] = ["unshare --mount", "unshare --mount --map-root-user"];

/// A way to mount that is possible here.
fn mounting(folder: &Path) -> Option<&'static str> {
    OWN_MOUNTS.into_iter().find(|unshare| {
        let mut words = unshare.split(' ').chain(["mount", "-t", "tmpfs", "-o", "size=64k", "none"]);
        let mut mount = Command::new(words.next().unwrap_or_default());
        mount.args(words).arg(folder).stderr(Stdio::null());
        mount.status().is_ok_and(|status| status.success())
    })
}

#[test]
fn a_full_disk_is_a_failure_and_costs_nothing_that_was_acknowledged() {
    const TEST: &str = "disks::a_full_disk_is_a_failure_and_costs_nothing_that_was_acknowledged";
    if let Some(file) = std::env::var_os(FILE) {
        return fill(Path::new(&file));
    }
    // A limit of files is possible everywhere, and the file outlives the child.
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data.redb");
    let count = filled(&mut child(&file, TEST, LIMITED));
    let mut store = Store::with(&Kv::open(&file).expect("the store"));
    check(&mut store, count);
    assert!(store.one(json!(["set", "more", "x".repeat(1_000_000)])).is_null(), "there is room again");

    // A disk that is full is what happens in earnest, and room comes while the store is open.
    let folder = tempfile::tempdir().expect("a folder");
    match mounting(folder.path()) {
        Some(unshare) => {
            let shell = format!("exec {unshare} sh -c '{SMALL_DISK} exec \"$@\"' sh \"$@\";");
            filled(&mut child(&folder.path().join("data.redb"), TEST, &shell));
        }
        None => println!("this system lets nobody mount: tested by a limit of files alone"),
    }
}

/// How many values a child has written until there was no room.
fn filled(child: &mut Child) -> usize {
    let count = written(child).last();
    assert!(child.wait().expect("a child that ends").success(), "the child failed");
    let count = count.expect("a child that got so far").parse().expect("a number");
    assert!(count > 0, "there was no room at all");
    count
}

/// What the child writes.
fn value() -> String {
    "x".repeat(100_000)
}

/// All that was acknowledged is there, and nothing else.
fn check(store: &mut Store, count: usize) {
    for number in 0..count {
        assert_eq!(store.one(json!(["get", number.to_string()])), json!(value()));
    }
    assert_eq!(store.one(json!(["get", count.to_string()])), json!(null));
}

/// The child: writes until there is no room, reads all of it, and if it can make room, writes again.
fn fill(file: &Path) {
    let kv = Kv::open(file).expect("the store");
    let mut store = Store::with(&kv);
    let mut count = 0;
    let failure = loop {
        let result = store.one(json!(["set", count.to_string(), value()]));
        if !result.is_null() {
            break result;
        }
        count += 1;
        assert!(count < 1000, "the disk is not full");
    };
    assert_eq!(failure["error"], "unavailable", "{failure}");
    check(&mut store, count);
    assert_eq!(store.failure(json!(["set", "again", value()])), "unavailable", "there is still no room");
    let filler = file.with_file_name(FILLER);
    if filler.exists() {
        fs::remove_file(&filler).expect("a file of ours");
        check(&mut store, count);
        assert!(store.one(json!(["set", "room", value()])).is_null(), "it does not go on");
        drop((store, kv));
        let mut store = Store::with(&Kv::open(file).expect("the store once more"));
        check(&mut store, count);
        assert_eq!(store.one(json!(["get", "room"])), json!(value()));
    }
    println!("written {count}");
}
