//! Calls that are awaited, and async host functions, in any executor and without one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use plugwright::{CompiledPlugin, ErrorKind, HostFunction, Json, Plugin, Result};
use tokio::sync::{Barrier, Notify};

use crate::support::{block_on, count, pipe, poll_once, recall};

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A host function that waits for several things: another task's turn, a timer, a value from a thread.
fn waits() -> HostFunction {
    HostFunction::new_async("f", |text: String| async move {
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        let (sender, receiver) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || sender.send(format!("<{text}>")));
        receiver.await
    })
}

fn waiting() -> Plugin {
    pipe().host_function(waits()).build().unwrap()
}

#[test]
fn without_a_runtime() {
    assert_eq!(waiting().call::<_, String>("run", "call").unwrap(), "<call>");
    assert_eq!(block_on(waiting().call_async::<_, String>("run", "async")).unwrap(), "<async>");
}

#[test]
fn in_tokio_on_one_thread() {
    let answer = current_thread().block_on(async { waiting().call_async::<_, String>("run", "x").await });
    assert_eq!(answer.unwrap(), "<x>");
}

#[test]
fn deadlines_need_no_timers_of_the_hosts_runtime() {
    let bare = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let never = HostFunction::new_async("f", |_: String| std::future::pending::<String>());
    let mut plugin = pipe().host_function(never).timeout(Duration::from_millis(20)).build().unwrap();
    let error = bare.block_on(plugin.call_async::<_, String>("run", "x")).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout);
}

#[test]
fn what_a_host_function_spawns_belongs_to_the_runtime_that_awaits_the_call() {
    let spawns = HostFunction::new_async("f", |_: String| async {
        tokio::spawn(async { tokio::runtime::Handle::current().id().to_string() }).await
    });
    let runtime = current_thread();
    let own = runtime.handle().id().to_string();
    let mut plugin = pipe().host_function(spawns.clone()).build().unwrap();
    assert_eq!(runtime.block_on(plugin.call_async::<_, String>("run", "")).unwrap(), own);
    // A blocking call occupies the runtime's only thread, so it must be another one here.
    let blocked: Result<String> = runtime.block_on(async {
        plugin.restart();
        plugin.call("run", "")
    });
    assert_ne!(blocked.unwrap(), own);
}

#[test]
fn blocking_host_functions_do_not_delay_deadlines() {
    // As many as there could be threads for timers: each blocks one of the runtime that it is spawned on.
    let (started, all) = (Arc::new(AtomicUsize::new(0)), 8);
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    let blocks = HostFunction::new_async("f", move |_: String| {
        let (started, gate) = (started.clone(), gate.clone());
        async move {
            for _ in 0..all {
                let gate = gate.clone();
                tokio::task::spawn(async move { gate.lock().unwrap().recv() });
            }
            started.fetch_add(1, Ordering::SeqCst);
            std::future::pending::<String>().await
        }
    });
    let mut plugin = pipe().host_function(blocks).timeout(Duration::from_millis(50)).build().unwrap();
    assert_eq!(plugin.call::<_, String>("run", "").unwrap_err().kind(), &ErrorKind::Timeout);
    drop(release);
}

#[test]
fn in_tokio_on_many_threads() {
    let runtime = multi_thread();
    let answers = runtime.block_on(async {
        let tasks = (0..8).map(|index| {
            tokio::spawn(async move { waiting().call_async::<_, String>("run", format!("{index}")).await })
        });
        join_all(tasks).await
    });
    for (index, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.unwrap().unwrap(), format!("<{index}>"));
    }
}

#[test]
fn a_blocking_call_inside_an_async_function() {
    for runtime in [current_thread(), multi_thread()] {
        let answer: Result<String> = runtime.block_on(async {
            tokio::task::yield_now().await;
            let mut plugin = waiting();
            plugin.call::<_, ()>("run", "first")?;
            // Building inside of an async function, and calls of either kind on what the other began.
            let _: String = plugin.call_async("run", "second").await?;
            plugin.call("run", "third")
        });
        assert_eq!(answer.unwrap(), "<third>");
        let spawned = runtime.spawn(async { waiting().call::<_, String>("run", "spawned") });
        assert_eq!(runtime.block_on(spawned).unwrap().unwrap(), "<spawned>");
    }
}

#[test]
fn typed_inputs_and_borrowed_outputs() {
    let mut plugin = pipe().host_fn_async("f", |bytes: Vec<u8>| async { bytes }).build().unwrap();
    block_on(async {
        let Json(numbers): Json<Vec<u32>> = plugin.call_async("run", Json([1, 2])).await.unwrap();
        assert_eq!(numbers, [1, 2]);
        let text: &str = plugin.call_async("run", "borrowed").await.unwrap();
        assert_eq!(text, "borrowed");
        let input = vec![1u8, 2, 3];
        let bytes: &[u8] = plugin.call_async("run", &input[..]).await.unwrap();
        assert_eq!(bytes, input);
    });
    assert_eq!(plugin.output(), [1, 2, 3]);
}

#[test]
fn call_and_call_async_may_be_mixed_on_one_instance() {
    for sync_first in [true, false] {
        let mut plugin = waiting();
        if sync_first {
            assert_eq!(count(&mut plugin), 1);
        } else {
            assert_eq!(block_on(plugin.call_async::<_, u64>("count", ())).unwrap(), 1);
        }
        for round in 1..=3 {
            assert_eq!(plugin.call::<_, String>("run", "sync").unwrap(), "<sync>");
            assert_eq!(block_on(plugin.call_async::<_, String>("run", "async")).unwrap(), "<async>");
            assert_eq!(count(&mut plugin), 2 * round);
            assert_eq!(block_on(plugin.call_async::<_, u64>("count", ())).unwrap(), 2 * round + 1);
        }
        block_on(plugin.call_async::<_, ()>("remember", "both")).unwrap();
        assert_eq!(recall(&mut plugin), "both");
    }
}

#[test]
fn fifty_plugins_wait_for_each_other_on_one_thread() {
    const PLUGINS: usize = 50;
    // Nobody passes before all are there: it only works if none of them occupies the thread.
    let barrier = Arc::new(Barrier::new(PLUGINS));
    let compiled = pipe()
        .host_fn_async("f", move |text: String| {
            let barrier = barrier.clone();
            async move {
                barrier.wait().await;
                text
            }
        })
        .compile()
        .unwrap();
    let call = |compiled: CompiledPlugin, index: usize| async move {
        compiled.instantiate()?.call_async::<_, String>("run", index.to_string()).await
    };
    let answers =
        current_thread().block_on(join_all((0..PLUGINS).map(|index| call(compiled.clone(), index))));
    for (index, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.unwrap(), index.to_string());
    }
}

#[test]
fn a_waiting_plugin_may_move_to_another_thread() {
    let bell = Arc::new(Notify::new());
    let mut plugin = pipe()
        .host_fn_async("f", {
            let bell = bell.clone();
            move |text: String| {
                let bell = bell.clone();
                async move {
                    bell.notified().await;
                    text
                }
            }
        })
        .build()
        .unwrap();
    let mut call = Box::pin(async move { plugin.call_async::<_, String>("run", "moved").await });
    assert!(poll_once(&mut call).is_pending());
    let answer = std::thread::spawn(move || {
        assert!(poll_once(&mut call).is_pending());
        std::thread::spawn(move || {
            bell.notify_one();
            block_on(call)
        })
        .join()
    });
    assert_eq!(answer.join().unwrap().unwrap().unwrap(), "moved");
}

#[test]
fn nothing_happens_before_the_first_poll() {
    let calls = Arc::new(AtomicUsize::new(0));
    let mut plugin = pipe()
        .host_fn("f", {
            let calls = calls.clone();
            move |text: String| {
                calls.fetch_add(1, Ordering::SeqCst);
                text
            }
        })
        .build()
        .unwrap();
    drop(plugin.call_async::<_, ()>("run", "never"));
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    block_on(plugin.call_async::<_, ()>("run", "once")).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn async_functions_called_in_turn_keep_their_order() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut plugin = pipe()
        .host_fn_async("f", {
            let order = order.clone();
            move |text: String| {
                let order = order.clone();
                async move {
                    order.lock().unwrap().push(format!("begin {text}"));
                    tokio::task::yield_now().await;
                    order.lock().unwrap().push(format!("end {text}"));
                    text
                }
            }
        })
        .build()
        .unwrap();
    block_on(async {
        for text in ["a", "b"] {
            plugin.call_async::<_, ()>("run", text).await.unwrap();
        }
    });
    assert_eq!(*order.lock().unwrap(), ["begin a", "end a", "begin b", "end b"]);
}

#[test]
fn an_async_function_may_call_another_plugin_either_way() {
    let inner = pipe().host_function(waits()).compile().unwrap();
    let nested = {
        let inner = inner.clone();
        move |text: String| {
            let inner = inner.clone();
            async move { inner.instantiate()?.call_async::<_, String>("run", text).await }
        }
    };
    let blocking = move |text: String| {
        let inner = inner.clone();
        async move { inner.instantiate()?.call::<_, String>("run", text) }
    };
    for function in [HostFunction::new_async("f", nested), HostFunction::new_async("f", blocking)] {
        let mut outer = pipe().host_function(function).build().unwrap();
        assert_eq!(current_thread().block_on(outer.call_async::<_, String>("run", "in")).unwrap(), "<in>");
        assert_eq!(outer.call::<_, String>("run", "in").unwrap(), "<in>");
    }
}
