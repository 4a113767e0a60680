//! How a call that is awaited ends early: by its deadline, by cancellation, by dropping its future.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use plugwright::{BoxFuture, ErrorKind, HostFunction, Plugin, PluginBuilder, ValType};
use tokio::sync::Notify;

use crate::support::{DropCount, block_on, count, guest, pipe, poll_once, poll_until, recall};

const SHORT: Duration = Duration::from_millis(30);

/// An async host function that never ends, and counts how often its futures are dropped.
fn never(drops: &DropCount) -> [HostFunction; 2] {
    let typed = drops.clone();
    let raw = drops.clone();
    [
        HostFunction::new_async("f", move |_: String| {
            let guard = typed.guard();
            async move {
                let _guard = guard;
                pending::<String>().await
            }
        }),
        HostFunction::raw_async("f", [ValType::I64], [ValType::I64], move |_, _, _| -> BoxFuture<'_, _> {
            let guard = raw.guard();
            Box::pin(async move {
                let _guard = guard;
                pending().await
            })
        }),
    ]
}

fn looping() -> PluginBuilder {
    guest("", r#"(func (export "loop") (loop $for_ever (br $for_ever)))"#)
}

/// Calls a function that never ends, in each way that a call can be made.
fn each_way(
    build: impl Fn() -> Plugin,
    function: &str,
    mut check: impl FnMut(&mut Plugin, plugwright::Error),
) {
    let mut plugin = build();
    plugin.call::<_, ()>("remember", "kept").unwrap();
    let error = plugin.call::<_, ()>(function, "x").unwrap_err();
    check(&mut plugin, error);
    let mut plugin = build();
    block_on(plugin.call_async::<_, ()>("remember", "kept")).unwrap();
    let error = block_on(plugin.call_async::<_, ()>(function, "x")).unwrap_err();
    check(&mut plugin, error);
    // A blocking call on an instance that an async one began.
    block_on(plugin.call_async::<_, ()>("remember", "kept")).unwrap();
    let error = plugin.call::<_, ()>(function, "x").unwrap_err();
    check(&mut plugin, error);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(plugin.call_async::<_, ()>(function, "x")).unwrap_err();
    check(&mut plugin, error);
}

fn goes_on(plugin: &mut Plugin) {
    assert_eq!(recall(plugin), "kept");
    assert_eq!(count(plugin), 1, "a fresh instance");
}

#[test]
fn the_deadline_stops_a_future_that_is_never_ready() {
    let drops = DropCount::default();
    for function in never(&drops) {
        let before = drops.get();
        let build = || pipe().timeout(SHORT).host_function(function.clone()).build().unwrap();
        each_way(build, "run", |plugin, error| {
            assert_eq!(error.kind(), &ErrorKind::Timeout);
            assert_eq!(error.function(), Some("run"));
            goes_on(plugin);
        });
        assert_eq!(drops.get() - before, 4, "the futures are gone");
    }
}

#[test]
fn the_deadline_stops_a_loop() {
    each_way(
        || looping().timeout(SHORT).build().unwrap(),
        "loop",
        |plugin, error| {
            assert_eq!(error.kind(), &ErrorKind::Timeout);
            goes_on(plugin);
        },
    );
}

#[test]
fn cancelling_stops_a_future_that_is_never_ready() {
    let drops = DropCount::default();
    for function in never(&drops) {
        let started = Arc::new(Notify::new());
        let build = || pipe().host_function(function.clone()).build().unwrap();
        let mut plugin = build();
        plugin.call::<_, ()>("remember", "kept").unwrap();
        let cancel = plugin.cancel_handle();
        let thread = std::thread::spawn(move || while !cancel.cancel() {});
        assert_eq!(plugin.call::<_, ()>("run", "x").unwrap_err().kind(), &ErrorKind::Cancelled);
        thread.join().unwrap();
        goes_on(&mut plugin);

        let mut plugin = build();
        let cancel = plugin.cancel_handle();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let canceller = async {
            started.notified().await;
            assert!(cancel.cancel());
            assert!(!cancel.cancel(), "it is cancelled already");
        };
        let call = async {
            started.notify_one();
            plugin.call_async::<_, ()>("run", "x").await
        };
        let (result, ()) = runtime.block_on(async { tokio::join!(call, canceller) });
        assert_eq!(result.unwrap_err().kind(), &ErrorKind::Cancelled);
    }
}

#[test]
fn a_guest_that_computes_for_long_lets_other_tasks_run() {
    let mut plugin = looping().build().unwrap();
    block_on(plugin.call_async::<_, ()>("remember", "kept")).unwrap();
    let cancel = plugin.cancel_handle();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let result = runtime.block_on(async {
        let call = tokio::spawn(async move {
            let error = plugin.call_async::<_, ()>("loop", ()).await.unwrap_err();
            (plugin, error)
        });
        // This task gets its turns on the one thread only if the guest gives them.
        while !cancel.cancel() {
            tokio::task::yield_now().await;
        }
        call.await
    });
    let (mut plugin, error) = result.unwrap();
    assert_eq!(error.kind(), &ErrorKind::Cancelled);
    goes_on(&mut plugin);
}

/// Drops a call of `run` while its host function waits.
fn drop_midway(plugin: &mut Plugin, drops: &DropCount) {
    assert_eq!(drops.alive(), 0);
    let mut call = Box::pin(plugin.call_async::<_, ()>("run", "x"));
    poll_until(&mut call, || drops.alive() == 1);
    drop(call);
    assert_eq!(drops.alive(), 0);
}

#[test]
fn dropping_the_future_ends_the_call_and_keeps_the_variables() {
    let drops = DropCount::default();
    for function in never(&drops) {
        let mut plugin = pipe().host_function(function).build().unwrap();
        block_on(plugin.call_async::<_, ()>("remember", "kept")).unwrap();
        drop_midway(&mut plugin, &drops);
        goes_on(&mut plugin);
        plugin.restart();
        drop_midway(&mut plugin, &drops);
        drop_midway(&mut plugin, &drops);
        goes_on(&mut plugin);
    }
    // A loop is suspended by yielding.
    let mut plugin = looping().build().unwrap();
    block_on(plugin.call_async::<_, ()>("remember", "kept")).unwrap();
    let mut call = Box::pin(plugin.call_async::<_, ()>("loop", ()));
    assert!(poll_once(&mut call).is_pending());
    drop(call);
    assert_eq!(plugin.output(), b"");
    goes_on(&mut plugin);
}

#[test]
fn a_dropped_call_is_over() {
    let drops = DropCount::default();
    let [function, _] = never(&DropCount::default());
    let mut plugin = pipe().host_function(function).build().unwrap();
    let cancel = plugin.cancel_handle();
    let mut call = Box::pin(plugin.call_async_with_context::<_, (), _>("run", "x", drops.guard()));
    assert!(poll_once(&mut call).is_pending());
    assert_eq!(drops.get(), 0);
    drop(call);
    assert_eq!(drops.get(), 1, "its context is gone");
    assert!(!cancel.cancel(), "there is nothing to cancel");
}

#[test]
fn a_plugin_may_be_dropped_after_a_dropped_call() {
    let drops = DropCount::default();
    for function in never(&drops) {
        let mut plugin = pipe().host_function(function).build().unwrap();
        drop_midway(&mut plugin, &drops);
        drop(plugin);
    }
    assert_eq!(drops.get(), 2);
}

#[test]
fn stopping_one_waiting_plugin_leaves_the_others_waiting() {
    let (bell, waiting) = (Arc::new(Notify::new()), DropCount::default());
    let compiled = pipe()
        .host_fn_async("f", {
            let (bell, waiting) = (bell.clone(), waiting.clone());
            move |text: String| {
                let (bell, guard) = (bell.clone(), waiting.guard());
                async move {
                    let _guard = guard;
                    bell.notified().await;
                    text
                }
            }
        })
        .compile()
        .unwrap();
    let (mut stopped, mut other) = (compiled.instantiate().unwrap(), compiled.instantiate().unwrap());
    let cancel = stopped.cancel_handle();
    let mut first = Box::pin(stopped.call_async::<_, String>("run", "stopped"));
    let mut second = Box::pin(other.call_async::<_, String>("run", "other"));
    poll_until(&mut first, || waiting.alive() == 1);
    poll_until(&mut second, || waiting.alive() == 2);
    assert!(cancel.cancel());
    assert_eq!(block_on(first).unwrap_err().kind(), &ErrorKind::Cancelled);
    assert!(poll_once(&mut second).is_pending());
    assert_eq!(waiting.alive(), 1);
    bell.notify_one();
    assert_eq!(block_on(second).unwrap(), "other");
}

/// Two plug-ins whose function `run` raises a flag and does not end by itself: one waits for the host, one computes. They ask the
/// flag, and lower it, so that it counts once.
fn asking() -> [PluginBuilder; 2] {
    let unwanted = Arc::new(AtomicBool::new(false));
    let (raised, raised_too) = (unwanted.clone(), unwanted.clone());
    let waits = pipe().host_fn_async("f", move |_: String| {
        raised.store(true, Ordering::SeqCst);
        pending::<String>()
    });
    let computes = guest(
        r#"(import "extism:host/user" "f" (func $f))"#,
        r#"(func (export "run") (call $f) (loop $for_ever (br $for_ever)))"#,
    )
    .host_fn("f", move || raised_too.store(true, Ordering::SeqCst));
    [waits, computes].map(|builder| {
        let unwanted = unwanted.clone();
        builder.cancel_when(move || unwanted.swap(false, Ordering::SeqCst))
    })
}

#[test]
fn a_call_is_cancelled_when_the_host_says_so_on_being_asked() {
    for builder in asking() {
        each_way(
            || builder.clone().build().unwrap(),
            "run",
            |plugin, error| {
                assert_eq!(error.kind(), &ErrorKind::Cancelled);
                goes_on(plugin);
            },
        );
    }
}

#[test]
fn a_host_that_is_asked_does_not_keep_the_deadline_waiting() {
    for builder in asking() {
        each_way(
            || builder.clone().cancel_when(|| false).timeout(SHORT).build().unwrap(),
            "run",
            |plugin, error| {
                assert_eq!(error.kind(), &ErrorKind::Timeout);
                goes_on(plugin);
            },
        );
    }
}

#[test]
fn a_function_that_blocks_its_thread_where_it_may_ends_as_one_that_waits() {
    let blocked = Arc::new(AtomicU32::new(0));
    let counted = blocked.clone();
    let function = HostFunction::raw_async("f", [ValType::I64], [ValType::I64], move |plugin, _, _| {
        let check = plugin.stop_check();
        if plugin.occupies_thread() {
            counted.fetch_add(1, Ordering::Relaxed);
            while !check.must_stop() {
                std::thread::yield_now();
            }
        }
        Box::pin(pending())
    });
    let build = || pipe().host_function(function.clone()).timeout(SHORT).build().unwrap();
    let error = build().call::<_, ()>("run", "x").unwrap_err();
    assert_eq!((error.kind(), blocked.load(Ordering::Relaxed)), (&ErrorKind::Timeout, 1));
    // Where the call is awaited, somebody else needs the thread.
    let error = block_on(build().call_async::<_, ()>("run", "x")).unwrap_err();
    assert_eq!((error.kind(), blocked.load(Ordering::Relaxed)), (&ErrorKind::Timeout, 1));
}
