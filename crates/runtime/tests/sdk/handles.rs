//! Functions that are found once, and outputs in a caller's buffer.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use plugwright::{ErrorKind, Json};

use crate::support::{block_on, guest, pipe, plain};

#[test]
fn a_handle_calls_like_the_plugin() {
    let mut plugin = pipe().host_fn("f", |text: String| text.to_uppercase()).build().unwrap();
    let mut run = plugin.function("run").unwrap();
    assert_eq!(run.name(), "run");
    assert_eq!(run.call::<_, &str>("one").unwrap(), "ONE");
    assert_eq!(run.call_with_context::<_, String, _>("two", 2).unwrap(), "TWO");
    assert_eq!(block_on(run.call_async::<_, String>("three")).unwrap(), "THREE");
    assert_eq!(run.plugin().output(), b"THREE");
}

#[test]
fn a_handle_survives_the_instance() {
    let mut plugin = guest("", r#"(func (export "trap") unreachable)"#).build().unwrap();
    plugin.call::<_, ()>("count", ()).unwrap();
    let mut trap = plugin.function("trap").unwrap();
    for _ in 0..2 {
        let error = trap.call::<_, ()>(()).unwrap_err();
        assert!(error.to_string().contains("`trap`"), "{error}");
    }
    let mut count = plugin.function("count").unwrap();
    assert_eq!(count.call::<_, u64>(()).unwrap(), 1);
}

#[test]
fn only_functions_that_can_be_called_have_handles() {
    let mut plugin = plain(r#"(module (func (export "takes") (param i32)))"#).build().unwrap();
    assert_eq!(plugin.function("takes").unwrap_err().kind(), &ErrorKind::Signature);
    assert!(matches!(plugin.function("take").unwrap_err().kind(), ErrorKind::FunctionNotFound { .. }));
}

#[test]
fn a_buffer_is_replaced_and_empty_after_an_error() {
    let mut plugin =
        pipe().host_fn("f", |text: String| if text == "bad" { Err("no") } else { Ok(text) }).build().unwrap();
    let mut output = b"before".to_vec();
    plugin.call_into("run", "good", &mut output).unwrap();
    assert_eq!(output, b"good");
    plugin.call_into("run", "bad", &mut output).unwrap_err();
    assert_eq!(output, b"");
    plugin.function("run").unwrap().call_into("again", &mut output).unwrap();
    assert_eq!(output, b"again");
    plugin.call_into("nowhere", "", &mut output).unwrap_err();
    assert_eq!(output, b"");
}

#[test]
fn an_input_need_not_live_as_long_as_its_call() {
    let mut plugin = pipe().host_fn("f", |text: String| text.to_uppercase()).build().unwrap();
    for input in ["one", "two"] {
        let call = plugin.begin_call("run", String::from(input), None).unwrap();
        block_on(plugin.finish_call(call)).unwrap();
        assert_eq!(plugin.output(), input.to_uppercase().as_bytes());
    }
    drop(plugin.begin_call("run", "never finished", None).unwrap());
    assert_eq!(plugin.call::<_, &str>("run", "three").unwrap(), "THREE");
}

#[test]
fn a_call_that_is_not_finished_costs_the_instance() {
    let mut plugin = guest("", "").build().unwrap();
    for _ in 0..2 {
        assert_eq!(plugin.call::<_, u64>("count", ()).unwrap(), 1);
        assert_eq!(plugin.call::<_, u64>("count", ()).unwrap(), 2);
        drop(plugin.begin_call("count", (), None).unwrap());
    }
    let error = plugin.begin_call("missing", (), None).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::FunctionNotFound { .. }));
}

#[test]
fn an_input_that_cannot_be_passed_costs_nothing() {
    let mut plugin = guest("", "").build().unwrap();
    assert_eq!(plugin.call::<_, u64>("count", ()).unwrap(), 1);
    let no_text = Json(BTreeMap::from([((), ())]));
    let error = plugin.begin_call("count", no_text, None).unwrap_err();
    assert_eq!((error.kind(), error.function()), (&ErrorKind::Encode, Some("count")));
    assert_eq!(plugin.call::<_, u64>("count", ()).unwrap(), 2);
}

#[test]
fn what_may_wait_is_known() {
    let contract = r#"(import "extism:host/env" "input_length" (func (result i64)))"#;
    let http = r#"(import "extism:host/env" "http_request" (func (param i64 i64) (result i64)))"#;
    let wasi = r#"(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))"#;
    let may_wait = |imports: &str| {
        let module = format!(r#"(module {imports} (func (export "run")))"#);
        plain(&module).wasi(true).compile().unwrap().may_wait()
    };
    assert!(!may_wait(""));
    assert!(!may_wait(contract));
    assert!(may_wait(http));
    assert!(may_wait(wasi));
    assert!(pipe().host_fn("f", |text: String| text).compile().unwrap().may_wait());
}

#[test]
fn a_call_that_was_begun_tells_whether_its_instance_is_started() {
    let mut plugin = guest("", r#"(func (export "rest"))"#).build().unwrap();
    for is_started in [false, true] {
        let call = plugin.begin_call("rest", "input", None).unwrap();
        assert_eq!(call.is_started(), is_started);
        block_on(plugin.finish_call(call)).unwrap();
    }
}

#[test]
fn a_guest_makes_way_before_the_clock_ticks_if_asked_to() {
    let spin = r#"(func (export "spin") (loop $next (br $next)))"#;
    let mut plugin = guest("", spin).build().unwrap();
    let handle = plugin.cancel_handle();
    let (done, is_done) = (AtomicBool::new(false), Ordering::Relaxed);
    thread::scope(|scope| {
        // Asked again and again, for it may not have begun.
        scope.spawn(|| {
            while !done.load(is_done) {
                plugwright::make_way();
            }
        });
        let mut call = pin!(plugin.call_async::<_, ()>("spin", ()));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..1000 {
            assert!(call.as_mut().poll(&mut context).is_pending());
        }
        done.store(true, is_done);
        handle.cancel();
        let error = block_on(call).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Cancelled), "{error}");
    });
}

#[test]
fn the_clock_finds_what_computes_for_long() {
    let spin = r#"(func (export "spin") (loop $next (br $next)))"#;
    let mut plugin = guest("", spin).timeout(Duration::from_millis(100)).build().unwrap();
    plugin.call::<_, ()>("spin", ()).unwrap_err();
    assert!(plugin.ticks() > 1);
}
