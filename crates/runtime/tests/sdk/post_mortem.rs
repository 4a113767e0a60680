//! What is kept of an instance that failed.

use plugwright::{PluginBuilder, Profiler};

use crate::support::{block_on, count, guest};

fn failing() -> PluginBuilder {
    guest(
        "",
        r#"(data (i32.const 100) "before")
           (func $inner (i32.store8 (i32.const 100) (i32.const 0x42)) unreachable)
           (func (export "trap") (call $inner))
           (func (export "fail") (result i32) (i32.store8 (i32.const 100) (i32.const 0x43)) (i32.const 3))
           (func (export "loop") (loop $l (br $l)))"#,
    )
}

#[test]
fn nothing_is_kept_unless_it_is_asked_for() {
    let mut plugin = failing().build().unwrap();
    plugin.call::<_, ()>("trap", ()).unwrap_err();
    assert!(plugin.post_mortem().coredump.is_none() && plugin.post_mortem().memory.is_none());
}

#[test]
fn a_core_dump_is_a_wasm_file_with_the_stack() {
    let mut plugin = failing().name("victim").keep_coredump(true).build().unwrap();
    for _ in 0..2 {
        plugin.call::<_, ()>("trap", ()).unwrap_err();
        let dump = plugin.post_mortem().coredump.clone().expect("a core dump");
        assert!(dump.starts_with(b"\0asm"));
        for expected in [&b"corestack"[..], b"victim", b"Before"] {
            assert!(dump.windows(expected.len()).any(|window| window == expected), "{expected:?}");
        }
        count(&mut plugin);
    }
    plugin.restart();
    block_on(plugin.call_async::<_, ()>("trap", ())).unwrap_err();
    assert!(plugin.post_mortem().coredump.is_some());
}

#[test]
fn the_memory_is_as_the_instance_left_it() {
    let mut plugin = failing().keep_memory(true).fuel(1000).build().unwrap();
    plugin.call::<_, ()>("trap", ()).unwrap_err();
    let memory = plugin.post_mortem().memory.clone().expect("the memory");
    assert_eq!((memory.len(), &memory[100..106]), (65_536, &b"Before"[..]));
    assert!(plugin.post_mortem().coredump.is_none());
    // An instance that ran out of fuel left its memory as it was.
    plugin.call::<_, ()>("loop", ()).unwrap_err();
    assert_eq!(plugin.post_mortem().memory.as_ref().map(|memory| &memory[100..106]), Some(&b"before"[..]));
}

#[test]
fn a_command_that_leaves_with_success_did_not_fail() {
    let import = r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))"#;
    let body = r#"(func (export "_start") (call $exit (i32.wrap_i64 (call $length (call $in)))))"#;
    let mut plugin = guest(import, body).wasi(true).keep_memory(true).build().unwrap();
    plugin.call::<_, ()>("_start", ()).unwrap();
    assert!(plugin.post_mortem().memory.is_none());
    plugin.call::<_, ()>("_start", "1").unwrap_err();
    assert!(plugin.post_mortem().memory.is_some());
}

#[test]
fn a_live_instance_shows_its_memory() {
    let mut plugin = failing().build().unwrap();
    assert!(plugin.linear_memory().is_none(), "there is no instance yet");
    plugin.call::<_, ()>("fail", ()).unwrap_err();
    assert_eq!(plugin.linear_memory().expect("the memory")[100..106], *b"Cefore");
    plugin.call::<_, ()>("trap", ()).unwrap_err();
    assert!(plugin.linear_memory().is_none(), "the instance is gone");
}

#[test]
fn without_a_profiler_nothing_is_written_for_one() {
    let mut plugin = failing().profiler(Profiler::Off).build().unwrap();
    assert_eq!(count(&mut plugin), 1);
    let map = std::env::temp_dir().join(format!("perf-{}.map", std::process::id()));
    assert!(!map.exists());
}
