//! WASI in calls that are awaited, and in blocking calls inside an async runtime.

use std::fs;
use std::time::Duration;

use plugwright::{ErrorKind, Plugin, PluginBuilder, Result, Stdio};

use crate::support::{block_on, count, guest};

const IMPORTS: &str = r#"
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
"#;

/// Every function returns WASI's error number, or 0 when all went well.
const BODY: &str = r#"
  (data (i32.const 0) "note.txtnew.txt")
  ;; At 100 an iovec of 200 bytes at 1000; at 120 the number of bytes; at 124 a file descriptor.
  (data (i32.const 100) "\e8\03\00\00\c8\00\00\00")
  (func (export "read_note") (result i32) (local $error i32)
    (local.set $error (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 124)))
    (if (local.get $error) (then (return (local.get $error))))
    (local.set $error (call $fd_read (i32.load (i32.const 124)) (i32.const 100) (i32.const 1) (i32.const 120)))
    (if (local.get $error) (then (return (local.get $error))))
    (call $out (call $text (i32.const 1000) (i32.load (i32.const 120))))
    (call $fd_close (i32.load (i32.const 124))))
  (func (export "write_new") (result i32) (local $error i32)
    (local.set $error (call $path_open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 7) (i32.const 1)
      (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 124)))
    (if (local.get $error) (then (return (local.get $error))))
    (i32.store (i32.const 100) (i32.const 0))
    (i32.store (i32.const 104) (i32.const 8))
    (local.set $error (call $fd_write (i32.load (i32.const 124)) (i32.const 100) (i32.const 1) (i32.const 120)))
    (if (local.get $error) (then (return (local.get $error))))
    (call $fd_close (i32.load (i32.const 124))))
  (func (export "print") (result i32)
    (i32.store (i32.const 100) (i32.const 0))
    (i32.store (i32.const 104) (i32.const 8))
    (call $fd_write (i32.const 1) (i32.const 100) (i32.const 1) (i32.const 120)))
  (func (export "clock_moves") (result i32) (local $before i64)
    (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 128)))
    (local.set $before (i64.load (i32.const 128)))
    (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 128)))
    (i64.lt_u (i64.load (i32.const 128)) (local.get $before)))
  ;; Waits for the monotonic clock, relatively, as long as the memory at 312 says.
  (func $sleep (result i32)
    (i64.store (i32.const 288) (i64.const 7))
    (i32.store8 (i32.const 296) (i32.const 0))
    (i32.store (i32.const 304) (i32.const 1))
    (i64.store (i32.const 320) (i64.const 0))
    (i32.store16 (i32.const 328) (i32.const 0))
    (call $poll (i32.const 288) (i32.const 400) (i32.const 1) (i32.const 120)))
  (func (export "sleep_a_millisecond") (result i32)
    (i64.store (i32.const 312) (i64.const 1000000))
    (call $sleep))
  (func (export "sleep_a_year") (result i32)
    (i64.store (i32.const 312) (i64.const 31536000000000000))
    (call $sleep))
  (func (export "random") (result i32) (call $random (i32.const 500) (i32.const 16)))
"#;

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("note.txt"), "a note").unwrap();
        Self { folder }
    }

    fn guest(&self, prefix: &str) -> PluginBuilder {
        let host = format!("{prefix}{}", self.folder.path().display());
        guest(IMPORTS, BODY).wasi(true).allow_path(host, "/").stdout(Stdio::Capture)
    }

    fn check_all(&self, mut call: impl FnMut(&mut Plugin, &str) -> Result<String>) {
        let mut plugin = self.guest("").build().unwrap();
        assert_eq!(call(&mut plugin, "read_note").unwrap(), "a note");
        assert_eq!(call(&mut plugin, "write_new").unwrap(), "");
        assert_eq!(fs::read_to_string(self.folder.path().join("new.txt")).unwrap(), "note.txt");
        for function in ["print", "clock_moves", "sleep_a_millisecond", "random"] {
            assert_eq!(call(&mut plugin, function).unwrap(), "", "{function}");
        }
        assert_eq!(plugin.take_stdout(), b"note.txt");
        assert_eq!(plugin.take_stdout(), b"");
        let mut plugin = self.guest("ro:").build().unwrap();
        assert_eq!(call(&mut plugin, "read_note").unwrap(), "a note");
        let error = call(&mut plugin, "write_new").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Guest { code, .. } if *code != 0), "{error}");
    }
}

#[test]
fn awaited_without_a_runtime() {
    World::new().check_all(|plugin, function| block_on(plugin.call_async(function, ())));
}

#[test]
fn awaited_in_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    World::new().check_all(|plugin, function| runtime.block_on(plugin.call_async(function, ())));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    World::new().check_all(|plugin, function| runtime.block_on(plugin.call_async(function, ())));
}

#[test]
fn blocking_with_and_without_a_runtime() {
    World::new().check_all(|plugin, function| plugin.call(function, ()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    World::new().check_all(|plugin, function| runtime.block_on(async { plugin.call(function, ()) }));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    World::new().check_all(|plugin, function| runtime.block_on(async { plugin.call(function, ()) }));
}

#[test]
fn both_kinds_of_calls_in_turn() {
    let mut turn = 0;
    World::new().check_all(|plugin, function| {
        turn += 1;
        if turn % 2 == 0 { plugin.call(function, ()) } else { block_on(plugin.call_async(function, ())) }
    });
}

#[test]
fn a_sleep_ends_at_the_deadline() {
    let world = World::new();
    let mut plugin = world.guest("").timeout(Duration::from_millis(30)).build().unwrap();
    assert_eq!(plugin.call::<_, ()>("sleep_a_year", ()).unwrap_err().kind(), &ErrorKind::Timeout);
    assert_eq!(count(&mut plugin), 1);
    plugin.restart();
    let error = block_on(plugin.call_async::<_, ()>("sleep_a_year", ())).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout);
    assert_eq!(block_on(plugin.call_async::<_, u64>("count", ())).unwrap(), 1);
}

#[test]
fn a_sleep_ends_when_it_is_cancelled() {
    let world = World::new();
    let mut plugin = world.guest("").build().unwrap();
    for awaited in [false, true] {
        let cancel = plugin.cancel_handle();
        let thread = std::thread::spawn(move || while !cancel.cancel() {});
        let result: Result<()> = if awaited {
            block_on(plugin.call_async("sleep_a_year", ()))
        } else {
            plugin.call("sleep_a_year", ())
        };
        assert_eq!(result.unwrap_err().kind(), &ErrorKind::Cancelled);
        thread.join().unwrap();
    }
}

#[test]
fn sleeping_guests_do_not_occupy_the_thread() {
    let world = World::new();
    let compiled = world.guest("").compile().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut sleeper, mut other) = (compiled.instantiate().unwrap(), compiled.instantiate().unwrap());
    let cancel = sleeper.cancel_handle();
    let (slept, note) = runtime.block_on(async {
        tokio::join!(sleeper.call_async::<_, ()>("sleep_a_year", ()), async {
            let note = other.call_async::<_, String>("read_note", ()).await;
            assert!(cancel.cancel());
            note
        })
    });
    assert_eq!(slept.unwrap_err().kind(), &ErrorKind::Cancelled);
    assert_eq!(note.unwrap(), "a note");
}
