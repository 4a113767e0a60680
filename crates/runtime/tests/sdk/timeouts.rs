//! Deadlines and cancellation: over everything that runs guest code, and for one plug-in alone.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use plugwright::{CurrentPlugin, ErrorKind, Plugin, PluginBuilder};

use crate::support::{block_on, count, guest, plain, recall, wat};

const SHORT: Duration = Duration::from_millis(30);

const LOOP: &str = "(loop $for_ever (br $for_ever))";

/// Guests that loop before, or instead of, the function that is called.
fn looping() -> Vec<(&'static str, String)> {
    let module = |start_up: &str| format!(r#"(module {start_up} (func (export "run")))"#);
    vec![
        ("the function", format!(r#"(module (func (export "run") {LOOP}))"#)),
        (
            "a function with a code",
            format!(r#"(module (func (export "run") (result i32) {LOOP} i32.const 0))"#),
        ),
        (
            "recursion",
            r#"(module (func $run (export "run") (call $other) (call $other))
            (func $other (call $deeper (i32.const 60)))
            (func $deeper (param i32) (if (local.get 0) (then
              (call $deeper (i32.sub (local.get 0) (i32.const 1)))
              (call $deeper (i32.sub (local.get 0) (i32.const 1)))))))"#
                .to_owned(),
        ),
        ("start function", module(&format!("(func $start {LOOP}) (start $start)"))),
        ("_initialize", module(&format!(r#"(func (export "_initialize") {LOOP})"#))),
        ("__wasm_call_ctors", module(&format!(r#"(func (export "__wasm_call_ctors") {LOOP})"#))),
        ("hs_init", module(&format!(r#"(func (export "hs_init") (param i32 i32) {LOOP})"#))),
    ]
}

#[test]
fn the_deadline_covers_everything_that_runs_guest_code() {
    for (what, wat) in looping() {
        let mut plugin = plain(&wat).timeout(SHORT).build().unwrap();
        for _ in 0..2 {
            let error = plugin.call::<_, ()>("run", ()).expect_err(what);
            assert_eq!(error.kind(), &ErrorKind::Timeout, "{what}: {error}");
            let error = block_on(plugin.call_async::<_, ()>("run", ())).expect_err(what);
            assert_eq!(error.kind(), &ErrorKind::Timeout, "{what}: {error}");
        }
    }
}

#[test]
fn cancelling_covers_it_too() {
    for (what, wat) in looping() {
        let mut plugin = plain(&wat).build().unwrap();
        let cancel = plugin.cancel_handle();
        let thread = thread::spawn(move || while !cancel.cancel() {});
        assert_eq!(plugin.call::<_, ()>("run", ()).expect_err(what).kind(), &ErrorKind::Cancelled, "{what}");
        thread.join().unwrap();
    }
}

#[test]
fn the_deadline_covers_the_start_up_of_linked_modules() {
    let library = format!(r#"(module (func (export "help")) (func (export "_initialize") {LOOP}))"#);
    let main = r#"(module (import "library" "help" (func $help)) (func (export "run") (call $help)))"#;
    let mut plugin = plain(main).link("library", library.as_bytes()).timeout(SHORT).build().unwrap();
    assert_eq!(plugin.call::<_, ()>("run", ()).unwrap_err().kind(), &ErrorKind::Timeout);
}

#[test]
fn variables_and_config_outlive_a_timeout() {
    let body = format!(
        r#"(data (i32.const 0) "key")
           (func (export "config") (call $out (call $config_get (call $text (i32.const 0) (i32.const 3)))))
           (func (export "loop") {LOOP})"#
    );
    let mut plugin = guest("", &body).config("key", "old").timeout(SHORT).build().unwrap();
    plugin.call::<_, ()>("remember", "kept").unwrap();
    plugin.update_config([("key", Some("new"))]);
    plugin.call::<_, ()>("loop", ()).unwrap_err();
    assert_eq!(recall(&mut plugin), "kept");
    assert_eq!(plugin.call::<_, String>("config", ()).unwrap(), "new");
    assert_eq!(count(&mut plugin), 1);
}

#[test]
fn each_call_has_the_whole_time() {
    const TIMEOUT: Duration = Duration::from_millis(600);
    // Together the calls take longer than one of them may: the clock starts anew for each.
    let mut plugin = guest(r#"(import "env" "wait" (func $wait))"#, r#"(func (export "run") (call $wait))"#)
        .host_fn("wait", |plugin: &mut CurrentPlugin<'_>| {
            while plugin.time_left().is_some_and(|left| left > TIMEOUT / 3) {
                thread::yield_now();
            }
        })
        .timeout(TIMEOUT)
        .build()
        .unwrap();
    for _ in 0..2 {
        plugin.call::<_, ()>("run", ()).unwrap();
    }
}

/// A guest that tells the host that it runs, and then counts until the host tells it to stop.
struct Neighbour {
    started: mpsc::Receiver<()>,
    stop: mpsc::Sender<()>,
    thread: thread::JoinHandle<plugwright::Result<()>>,
}

/// Both guests run this code: `work` loops until the host function `done` says so; `loop` loops for ever.
fn neighbours() -> PluginBuilder {
    let body = format!(
        r#"(func (export "work")
             (call $started)
             (loop $again (br_if $again (i32.eqz (call $done)))))
           (func (export "loop") {LOOP})"#
    );
    let imports =
        r#"(import "env" "started" (func $started)) (import "env" "done" (func $done (result i32)))"#;
    guest(imports, &body)
        .host_fn("started", |plugin: &mut CurrentPlugin<'_>| {
            plugin.host_context::<Context>().map(|context| context.started.send(())).unwrap().unwrap();
        })
        .host_fn("done", |plugin: &mut CurrentPlugin<'_>| {
            plugin.host_context_mut::<Context>().is_none_or(|context| context.stop.try_recv().is_ok())
        })
}

struct Context {
    started: mpsc::Sender<()>,
    stop: mpsc::Receiver<()>,
}

impl Neighbour {
    fn start(mut plugin: Plugin) -> Self {
        let ((started_in, started), (stop, stop_out)) = (mpsc::channel(), mpsc::channel());
        let context = Context { started: started_in, stop: stop_out };
        let thread = thread::spawn(move || plugin.call_with_context::<_, (), _>("work", (), context));
        Self { started, stop, thread }
    }

    fn stop(self) -> plugwright::Result<()> {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap()
    }
}

#[test]
fn cancelling_one_plugin_leaves_its_neighbour_running() {
    let compiled = neighbours().compile().unwrap();
    let neighbour = Neighbour::start(compiled.instantiate().unwrap());
    neighbour.started.recv().unwrap();
    let mut plugin = compiled.instantiate().unwrap();
    for _ in 0..5 {
        let cancel = plugin.cancel_handle();
        let canceller = thread::spawn(move || while !cancel.cancel() {});
        assert_eq!(plugin.call::<_, ()>("loop", ()).unwrap_err().kind(), &ErrorKind::Cancelled);
        canceller.join().unwrap();
    }
    neighbour.stop().unwrap();
}

#[test]
fn a_timeout_of_one_plugin_leaves_its_neighbour_running() {
    // The code is the same and so is the engine; the neighbour has no deadline.
    let neighbour = Neighbour::start(neighbours().build().unwrap());
    neighbour.started.recv().unwrap();
    let mut plugin = neighbours().timeout(SHORT).build().unwrap();
    for _ in 0..3 {
        assert_eq!(plugin.call::<_, ()>("loop", ()).unwrap_err().kind(), &ErrorKind::Timeout);
    }
    neighbour.stop().unwrap();
}

#[test]
fn cancelling_when_idle_does_nothing() {
    let mut plugin = guest("", "").build().unwrap();
    let cancel = plugin.cancel_handle();
    assert!(!cancel.cancel());
    assert_eq!(count(&mut plugin), 1);
    assert!(!cancel.cancel());
    assert_eq!(count(&mut plugin), 2);
    assert_eq!(block_on(plugin.call_async::<_, u64>("count", ())).unwrap(), 3);
    plugin.call::<_, ()>("no_such_function", ()).unwrap_err();
    assert!(!cancel.cancel());
    drop(plugin);
    assert!(!cancel.clone().cancel());
}

#[test]
fn cancelling_during_a_call_that_succeeds_anyway_does_not_hit_the_next() {
    let imports = r#"(import "env" "cancel_me" (func $cancel_me))"#;
    let plugin = guest(imports, r#"(func (export "run") (call $cancel_me))"#);
    let handle = std::sync::Arc::new(std::sync::OnceLock::<plugwright::CancelHandle>::new());
    let mut plugin = plugin
        .host_fn("cancel_me", {
            let handle = handle.clone();
            move |plugin: &mut CurrentPlugin<'_>| {
                assert!(handle.get().expect("a handle").cancel());
                assert!(plugin.is_cancelled());
            }
        })
        .build()
        .unwrap();
    handle.set(plugin.cancel_handle()).unwrap();
    for _ in 0..20 {
        // It may end before it notices; then it succeeds.
        if let Err(error) = plugin.call::<_, ()>("run", ()) {
            assert_eq!(error.kind(), &ErrorKind::Cancelled);
        }
        count(&mut plugin);
    }
}

#[test]
fn cancelling_from_many_threads_hits_only_calls_under_way() {
    let mut plugin = plain(&wat("", &format!(r#"(func (export "loop") {LOOP})"#))).build().unwrap();
    let (cancel, stop) =
        (plugin.cancel_handle(), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (cancel, stop) = (cancel.clone(), stop.clone());
            thread::spawn(move || {
                let mut hits = 0u32;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    hits += u32::from(cancel.cancel());
                    thread::yield_now();
                }
                hits
            })
        })
        .collect();
    for _ in 0..10 {
        assert_eq!(plugin.call::<_, ()>("loop", ()).unwrap_err().kind(), &ErrorKind::Cancelled);
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let hits: u32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(hits, 10);
    assert_eq!(count(&mut plugin), 1);
}

#[test]
fn the_time_of_a_call_can_be_changed() {
    let body = format!(r#"(func (export "loop") {LOOP})"#);
    let mut plugin = guest("", &body).build().unwrap();
    assert_eq!(plugin.timeout(), None);
    plugin.call::<_, ()>("remember", "kept").unwrap();
    plugin.set_timeout(Some(SHORT));
    for _ in 0..2 {
        // It holds for the fresh instance after the first timeout, too.
        assert_eq!(plugin.call::<_, ()>("loop", ()).unwrap_err().kind(), &ErrorKind::Timeout);
        assert_eq!(plugin.timeout(), Some(SHORT));
    }
    plugin.set_timeout(None);
    let cancel = plugin.cancel_handle();
    let canceller = thread::spawn(move || while !cancel.cancel() {});
    assert_eq!(plugin.call::<_, ()>("loop", ()).unwrap_err().kind(), &ErrorKind::Cancelled);
    canceller.join().unwrap();
    assert_eq!(recall(&mut plugin), "kept");
}
