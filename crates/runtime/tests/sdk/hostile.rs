//! Guests that try to slip past a limit where it is not looked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use plugwright::{CurrentPlugin, ErrorKind, TrapKind};

use crate::support::{guest, plain};

/// A failed growth that the engine never asked about must not give back what an earlier one took.
#[test]
fn failing_to_grow_a_table_gives_nothing_back() {
    let mut plugin = plain(
        r#"(module (table $a i64 0 funcref) (table $b i64 0 funcref) (func (export "run") (result i32)
             (drop (table.grow $a (ref.null func) (i64.const 1048576)))
             (drop (table.grow $a (ref.null func) (i64.const -1)))
             (i64.ne (table.grow $b (ref.null func) (i64.const 1)) (i64.const -1))))"#,
    )
    .build()
    .unwrap();
    plugin.call::<_, ()>("run", ()).unwrap();
}

/// Compiled code looks at the deadline at loops and function entries; here there are none.
#[test]
fn host_calls_in_a_row_are_stopped() {
    const CALLS: usize = 2000;
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let mut plugin = guest(
        r#"(import "extism:host/user" "spend" (func $spend))"#,
        &format!(r#"(func (export "run") {})"#, "(call $spend)".repeat(CALLS)),
    )
    .timeout(Duration::from_millis(10))
    .host_fn("spend", move |plugin: &mut CurrentPlugin<'_>| {
        counter.fetch_add(1, Ordering::SeqCst);
        while plugin.time_left().is_some_and(|left| !left.is_zero()) {}
        // All calls together give the ticker seconds, of which it needs milliseconds.
        let enough = std::time::Instant::now() + Duration::from_millis(2);
        while std::time::Instant::now() < enough {}
    })
    .build()
    .unwrap();
    assert_eq!(plugin.call::<_, ()>("run", ()).unwrap_err().kind(), &ErrorKind::Timeout);
    assert!(calls.load(Ordering::SeqCst) < CALLS, "the calls were not stopped");
}

/// Three blocks of 1 GiB are named; nobody may copy them to find out that they are too long.
#[test]
fn lengths_are_compared_before_anything_is_copied() {
    let mut plugin = guest(
        r#"(import "extism:host/env" "http_request" (func $http (param i64 i64) (result i64)))"#,
        r#"(func (export "var") (local $big i64)
             (local.set $big (call $alloc (i64.const 1073741824)))
             (call $var_set (local.get $big) (local.get $big)))
           (func (export "request") (drop (call $http (call $alloc (i64.const 1073741824)) (i64.const 0))))
           (func (export "body")
             (drop (call $http (call $alloc (i64.const 8)) (call $alloc (i64.const 1073741824)))))"#,
    )
    .build()
    .unwrap();
    for function in ["var", "request", "body"] {
        assert_eq!(plugin.call::<_, ()>(function, ()).unwrap_err().kind(), &ErrorKind::Limit, "{function}");
    }
}

#[test]
fn a_request_with_too_many_headers_is_an_error() {
    let headers = (0..40_000).map(|index| format!("\"h{index}\":\"\"")).collect::<Vec<_>>().join(",");
    let request = format!(r#"{{"url":"http://127.0.0.1:1/","headers":{{{headers}}}}}"#);
    let mut plugin = guest(
        r#"(import "extism:host/env" "http_request" (func $http (param i64 i64) (result i64)))"#,
        r#"(func (export "run") (drop (call $http (call $in) (i64.const 0))))"#,
    )
    .allow_host("127.0.0.1")
    .build()
    .unwrap();
    let error = plugin.call::<_, ()>("run", request).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Http);
    assert!(!error.to_string().contains("host's I/O"), "{error}");
}

/// The process has few descriptors, and its other parts need some.
#[test]
fn open_files_are_limited() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), "").unwrap();
    let mut plugin = plain(
        r#"(module
             (import "wasi_snapshot_preview1" "path_open"
               (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
             (memory (export "memory") 1) (data (i32.const 8) "f")
             (func (export "run") (result i32) (local $opened i32)
               (loop $more
                 (if (i32.eqz (call $open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 0)
                                          (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 0)))
                   (then
                     (local.set $opened (i32.add (local.get $opened) (i32.const 1)))
                     (br_if $more (i32.lt_u (local.get $opened) (i32.const 5000))))))
               (local.get $opened)))"#,
    )
    .wasi(true)
    .allow_path(folder.path().to_str().unwrap(), "/")
    .build()
    .unwrap();
    let error = plugin.call::<_, ()>("run", ()).unwrap_err();
    match error.kind() {
        ErrorKind::Guest { code, .. } => assert!((1..=256).contains(code), "{code} files were opened"),
        ErrorKind::Trap(_) => {}
        other => panic!("{other:?}"),
    }
    std::fs::read(folder.path().join("f")).unwrap();
}

#[test]
fn any_number_is_an_exit_code() {
    let mut plugin = plain(
        r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
             (memory (export "memory") 1)
             (func (export "large") (call $exit (i32.const 200)))
             (func (export "negative") (call $exit (i32.const -1))))"#,
    )
    .wasi(true)
    .build()
    .unwrap();
    assert_eq!(plugin.call::<_, ()>("large", ()).unwrap_err().kind(), &ErrorKind::Exit(200));
    assert_eq!(plugin.call::<_, ()>("negative", ()).unwrap_err().kind(), &ErrorKind::Exit(-1));
}

#[test]
fn leaving_during_start_up_is_not_a_success_of_the_function() {
    let mut plugin = plain(
        r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
             (memory (export "memory") 1)
             (func (export "_initialize") (call $exit (i32.const 0)))
             (func (export "run")))"#,
    )
    .wasi(true)
    .build()
    .unwrap();
    let error = plugin.call::<_, ()>("run", ()).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Exit(0));
    assert!(error.to_string().contains("before the function was called"), "{error}");
}

#[test]
fn start_up_functions_cannot_be_called_again() {
    let mut plugin =
        plain(r#"(module (func (export "_initialize")) (func (export "run")))"#).build().unwrap();
    plugin.call::<_, ()>("run", ()).unwrap();
    assert_eq!(plugin.call::<_, ()>("_initialize", ()).unwrap_err().kind(), &ErrorKind::Signature);
}

/// Memory that was granted in the end is no reason for a trap.
#[test]
fn a_trap_after_a_successful_allocation_is_a_trap() {
    let body = r#"(func (export "run")
        (if (i64.eqz (call $alloc (i64.const 900000))) (then (return)))
        (unreachable))
        (func (export "refused_then_divides")
          (drop (call $alloc (i64.const 100000000)))
          (drop (i32.div_u (i32.const 1) (i32.const 0))))"#;
    let mut plugin = guest("", body).memory_max_pages(16).build().unwrap();
    let kind = |error: plugwright::Error| error.kind().clone();
    assert_eq!(kind(plugin.call::<_, ()>("run", ()).unwrap_err()), ErrorKind::Trap(TrapKind::Unreachable));
    let error = plugin.call::<_, ()>("refused_then_divides", ()).unwrap_err();
    assert_eq!(kind(error), ErrorKind::Trap(TrapKind::DivisionByZero));
}

#[test]
fn many_missing_imports_make_a_short_message_and_a_full_list() {
    let imports: String = (0..5000).map(|index| format!("(import \"m\" \"f{index}\" (func))")).collect();
    let error = plain(&format!("(module {imports})")).build().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Link { missing } if missing.len() == 5000));
    assert!(error.to_string().contains("and 4980 more"), "{error}");
    assert!(error.to_string().len() < 2000);
}

#[test]
fn a_guests_text_cannot_steer_a_terminal() {
    let body = r#"(data (i32.const 0) "\1b[2Jgone\0aand") (func (export "run") (result i32)
        (call $error_set (call $text (i32.const 0) (i32.const 12))) (i32.const 1))"#;
    let error = guest("", body).build().unwrap().call::<_, ()>("run", ()).unwrap_err();
    assert!(error.to_string().chars().all(|char| !char.is_control()), "{error:?}");
    assert!(matches!(error.kind(), ErrorKind::Guest { message, .. } if message == "\u{1b}[2Jgone\nand"));
}
