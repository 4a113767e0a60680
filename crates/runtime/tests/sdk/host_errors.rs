//! What becomes of a host function's error, of its panic, and of its error as a value for the guest.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use plugwright::{BoxFuture, CurrentPlugin, ErrorKind, HostFunction, MemoryHandle, Plugin, Val, ValType};

use crate::support::{count, guest, pipe, recall};

fn host_function_error() -> ErrorKind {
    ErrorKind::HostFunction { name: "f".to_owned() }
}

/// Fails when it gets `fail`, panics when it gets `panic`, else gives the text back.
fn moody(text: String) -> Result<String, io::Error> {
    match text.as_str() {
        "fail" => Err(io::Error::new(io::ErrorKind::NotFound, "the shelf is empty")),
        "panic" => panic!("no such {}", "thing"),
        _ => Ok(text),
    }
}

/// The same as a typed, an async, a raw and a raw async function.
fn all_forms() -> [HostFunction; 4] {
    fn raw(plugin: &mut CurrentPlugin<'_>, params: &[Val], results: &mut [Val]) -> Result<(), BoxError> {
        // Written before it fails, so that a test can see whether it gets to the guest.
        results[0] = params[0];
        let block = plugin.memory(params[0].offset().unwrap())?;
        let text = String::from_utf8(plugin.read(block)?.to_vec())?;
        results[0] = Val::I64(plugin.alloc_bytes(moody(text)?.as_bytes())?.offset() as i64);
        Ok(())
    }
    type BoxError = Box<dyn std::error::Error + Send + Sync>;
    let i64 = [ValType::I64];
    [
        HostFunction::new("f", moody),
        HostFunction::new_async("f", |text| async { moody(text) }),
        HostFunction::raw("f", i64, i64, raw),
        HostFunction::raw_async(
            "f",
            i64,
            i64,
            |plugin, params, results| -> BoxFuture<'_, Result<(), BoxError>> {
                Box::pin(async move { raw(plugin, params, results) })
            },
        ),
    ]
}

#[test]
fn an_error_ends_the_call_and_harms_no_other() {
    for function in all_forms() {
        let mut plugin = pipe().name("shop").host_function(function).build().unwrap();
        plugin.call::<_, ()>("remember", "kept").unwrap();
        let error = plugin.call::<_, String>("run", "fail").unwrap_err();
        assert_eq!(error.kind(), &host_function_error());
        assert_eq!((error.plugin(), error.function()), (Some("shop"), Some("run")));
        assert_eq!(error.message(), "host function `f` failed: the shelf is empty");
        let source = error.source().expect("the function's own error");
        assert_eq!(source.downcast_ref::<io::Error>().map(io::Error::kind), Some(io::ErrorKind::NotFound));
        assert!(error.backtrace().is_some_and(|trace| !trace.frames().is_empty()));
        assert_eq!(plugin.output(), b"");
        assert_eq!(recall(&mut plugin), "kept");
        assert_eq!(plugin.call::<_, String>("run", "works").unwrap(), "works");
    }
}

#[test]
fn a_panic_is_an_error_of_the_function() {
    for function in all_forms() {
        let mut plugin = pipe().host_function(function).build().unwrap();
        plugin.call::<_, ()>("remember", "kept").unwrap();
        let error = plugin.call::<_, String>("run", "panic").unwrap_err();
        assert_eq!(error.kind(), &host_function_error());
        assert!(error.message().contains("panicked: no such thing"), "{error}");
        assert_eq!(recall(&mut plugin), "kept");
        assert_eq!(plugin.call::<_, String>("run", "works").unwrap(), "works");
    }
}

#[test]
fn a_panic_before_the_future_exists_is_an_error_too() {
    fn panics(_: String) -> std::future::Ready<String> {
        panic!("early")
    }
    let mut plugin = pipe().host_fn_async("f", panics).build().unwrap();
    let error = plugin.call::<_, String>("run", "").unwrap_err();
    assert_eq!(error.kind(), &host_function_error());
    assert!(error.message().contains("early"), "{error}");
}

/// A guest that passes its input to `f`, and puts out the block that it gets or else the error in angle brackets.
fn catching(function: HostFunction) -> Plugin {
    guest(
        r#"(import "extism:host/user" "f" (func $f (param i64) (result i64)))"#,
        r#"(func (export "run") (local $block i64)
             (local.set $block (call $f (call $in)))
             (if (i64.eqz (local.get $block)) (then
               (local.set $block (call $host_error_take))
               (if (i64.eqz (local.get $block)) (then (return)))
               (call $error_set (local.get $block))))
             (call $out (local.get $block)))
           (func (export "fails_twice") (result i32)
             (drop (call $f (call $in)))
             (drop (call $f (call $in)))
             (if (i64.eqz (call $host_error_take)) (then (return (i32.const 1))))
             (if (i64.ne (call $host_error_take) (i64.const 0)) (then (return (i32.const 2))))
             (i32.const 0))
           (data (i32.const 0) "fine")
           (func (export "then_succeeds") (result i32)
             (drop (call $f (call $in)))
             (drop (call $f (call $text (i32.const 0) (i32.const 4))))
             (i64.ne (call $host_error_take) (i64.const 0)))
           (func (export "leaves_error") (drop (call $f (call $in))))
           (func (export "takes") (result i32) (i64.ne (call $host_error_take) (i64.const 0)))"#,
    )
    .host_function(function.errors_as_values())
    .build()
    .unwrap()
}

#[test]
fn errors_as_values_reach_the_guest() {
    for function in all_forms() {
        let mut plugin = catching(function);
        assert_eq!(plugin.call::<_, String>("run", "fail").unwrap(), "the shelf is empty");
        assert_eq!(plugin.call::<_, String>("run", "panic").unwrap(), "panicked: no such thing");
        assert_eq!(plugin.call::<_, String>("run", "works").unwrap(), "works");
        assert_eq!(count(&mut plugin), 1);
        plugin.call::<_, ()>("run", "fail").unwrap();
        assert_eq!(count(&mut plugin), 2, "the instance goes on");
    }
}

#[test]
fn an_error_is_there_until_it_is_taken_or_the_function_succeeds_or_the_call_ends() {
    for function in all_forms() {
        let mut plugin = catching(function);
        plugin.call::<_, ()>("fails_twice", "fail").unwrap();
        plugin.call::<_, ()>("then_succeeds", "fail").unwrap();
        plugin.call::<_, ()>("leaves_error", "fail").unwrap();
        plugin.call::<_, ()>("takes", ()).unwrap();
    }
}

#[test]
fn an_error_without_text_still_reaches_the_guest() {
    let mut plugin = catching(HostFunction::new("f", |_: String| Err::<String, _>("")));
    assert_ne!(plugin.call::<_, String>("run", "x").unwrap(), "");
}

#[test]
fn errors_as_values_do_not_hide_what_the_guest_did_wrong() {
    let mut plugin = guest(
        r#"(import "extism:host/user" "f" (func $f (param i64) (result i64)))"#,
        r#"(func (export "run") (drop (call $f (i64.const 12345))))"#,
    )
    .host_function(HostFunction::new("f", |_: MemoryHandle| Err::<String, _>("unused")).errors_as_values())
    .build()
    .unwrap();
    assert_eq!(plugin.call::<_, ()>("run", ()).unwrap_err().kind(), &ErrorKind::Contract);
}

#[test]
fn a_panic_leaves_shared_state_usable() {
    let calls = Arc::new(AtomicU32::new(0));
    let function = HostFunction::new("f", {
        let calls = calls.clone();
        move |text: String| {
            calls.fetch_add(1, Ordering::Relaxed);
            moody(text)
        }
    });
    let mut plugins = [(); 2].map(|()| pipe().host_function(function.clone()).build().unwrap());
    plugins[0].call::<_, ()>("run", "panic").unwrap_err();
    assert_eq!(plugins[1].call::<_, String>("run", "works").unwrap(), "works");
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}
