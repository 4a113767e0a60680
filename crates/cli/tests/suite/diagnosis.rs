//! Dumps, profiles, logs and the cache.

use crate::support::{World, wat};

#[test]
fn a_trap_leaves_a_core_dump() {
    let world = World::new();
    let run = world.run(["call", &wat("traps"), "unreachable", "--coredump", "core"]);
    run.fails(1, &["unreachable"]);
    let dump = world.read("core");
    assert!(dump.starts_with(b"\0asm"));
    assert!(dump.windows(4).any(|bytes| bytes == b"core"));
}

#[test]
fn what_is_no_trap_leaves_no_core_dump() {
    let world = World::new();
    assert_eq!(world.run(["call", &wat("traps"), "fine", "--coredump", "core"]).stderr, "");
    let run = world.run(["call", &wat("hazard_11_return_code"), "one", "--coredump", "core"]);
    run.fails(1, &["code 1"]);
    assert!(run.stderr.contains("warning: no core dump"), "{}", run.stderr);
    assert!(!world.dir.path().join("core").exists());
}

#[test]
fn memory_is_dumped_after_success_and_failure() {
    let world = World::new();
    world.file(
        "memory.wat",
        r#"(module (memory (export "memory") 1)
             (func $mark (param i32) (i32.store8 (i32.const 7) (local.get 0)))
             (func (export "ok") (call $mark (i32.const 65)))
             (func (export "fail") (result i32) (call $mark (i32.const 66)) (i32.const 1))
             (func (export "trap") (call $mark (i32.const 67)) unreachable))"#,
    );
    for (function, mark) in [("ok", b'A'), ("fail", b'B'), ("trap", b'C')] {
        let run = world.run(["call", "memory.wat", function, "--memory-dump", "dump"]);
        assert_eq!(run.code == Some(0), function == "ok");
        let dump = world.read("dump");
        assert_eq!((dump.len(), dump[7]), (65536, mark));
    }
}

#[test]
fn a_dump_that_cannot_be_written_does_not_hide_the_result() {
    let world = World::new();
    let run =
        world.run(["call", &wat("count_vowels"), "count_vowels", "-i", "a", "--memory-dump", "no/folder"]);
    assert_eq!(run.ok(), "{\"count\":1}");
    assert!(run.stderr.contains("warning: no memory dump: the plug-in exports no memory"), "{}", run.stderr);
    let run = world.run(["call", &wat("traps"), "unreachable", "--coredump", "no/folder"]);
    run.fails(1, &["unreachable"]);
    assert!(run.stderr.contains("warning: no core dump: cannot write `no/folder`"), "{}", run.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn profilers_find_functions_by_name() {
    let world = World::new();
    let mut command = world.command();
    command.args(["call", &wat("count_vowels"), "count_vowels", "-i", "a", "--profile", "perfmap"]);
    let child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    let map = format!("/tmp/perf-{}.map", child.id());
    assert!(child.wait_with_output().unwrap().status.success());
    let names = std::fs::read_to_string(&map).unwrap();
    std::fs::remove_file(&map).unwrap();
    assert!(names.contains("is_vowel"), "{names}");

    world.run(["call", &wat("count_vowels"), "count_vowels", "--profile", "jitdump"]).ok();
    let dumps = std::fs::read_dir(world.dir.path()).unwrap();
    let named = |name: &str| name.starts_with("jit-") && name.ends_with(".dump");
    assert!(dumps.flatten().any(|entry| entry.file_name().to_str().is_some_and(named)));
    world.run(["call", "x", "f", "--profile", "gprof"]).fails(1, &["--profile"]);
}

#[test]
fn only_errors_are_logged_unless_asked() {
    let world = World::new();
    let log = |flags: &[&str]| {
        let run = world.run(["call", &wat("abi_log"), "log_all"].iter().chain(flags));
        assert_eq!(run.ok(), "");
        assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
        run.stderr.lines().filter(|line| line.contains("a message")).count()
    };
    assert_eq!(log(&[]), 1);
    assert_eq!(log(&["--log-level", "off"]), 0);
    assert_eq!(log(&["--log-level", "error"]), 1);
    assert_eq!(log(&["--log-level", "warn"]), 2);
    assert_eq!(log(&["--log-level", "info"]), 3);
    assert_eq!(log(&["--log-level", "debug"]), 4);
    assert_eq!(log(&["--log-level", "TRACE"]), 5);
    world.run(["call", &wat("abi_log"), "log_all", "--log-level", "loud"]).fails(1, &["--log-level"]);
}

#[test]
fn the_plugin_knows_the_log_level() {
    let world = World::new();
    for (level, digit) in [("trace", "0"), ("error", "4"), ("off", "-")] {
        assert_eq!(world.run(["call", &wat("abi_log"), "get_log_level", "--log-level", level]).ok(), digit);
    }
}

#[test]
fn compiled_code_is_cached_unless_not() {
    let world = World::new();
    let entries = || {
        let mut folders = vec![world.dir.path().join("cache")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() { folders.push(entry.path()) } else { files += 1 }
            }
        }
        files
    };
    let call = |flags: &[&str]| {
        let mut command = world.command();
        command.env("PLUGWRIGHT_CACHE_DIR", world.dir.path().join("cache"));
        let output = command.args(["call", &wat("spin"), "work"]).args(flags).output().unwrap();
        assert!(output.status.success());
    };
    call(&["--no-cache"]);
    assert_eq!(entries(), 0);
    call(&[]);
    assert!(entries() > 0);
}
