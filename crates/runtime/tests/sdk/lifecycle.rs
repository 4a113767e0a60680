//! A plug-in from its first call to its last: what an instance keeps, and what comes after it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use plugwright::{Error, ErrorKind, Json, PluginBuilder, Result, Stdio, ToBytes};

use crate::support::{block_on, count, guest, plain, recall};

const BODY: &str = r#"
  (data (i32.const 0) "no such colorkey")
  (func (export "echo") (call $out (call $in)))
  (func (export "nothing"))
  (func (export "fail") (result i32)
    (call $error_set (call $text (i32.const 0) (i32.const 13)))
    (call $out (call $in))
    (i32.const 7))
  (func (export "fail_silently") (result i32) (i32.const -1))
  (func (export "config") (call $out (call $config_get (call $text (i32.const 13) (i32.const 3)))))
  (func (export "takes") (param i32))"#;

fn guest_with_body() -> PluginBuilder {
    guest("", BODY).name("app")
}

#[test]
fn a_code_other_than_zero_keeps_the_instance() {
    let mut plugin = guest_with_body().build().unwrap();
    for round in 0..3 {
        let error = plugin.call::<_, String>("fail", "ignored").unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Guest { code: 7, message: "no such color".to_owned() });
        assert_eq!(error.to_string(), "plug-in `app`, function `fail`: no such color (code 7)");
        assert_eq!(plugin.output(), b"", "a failed call has no output");
        let error = block_on(plugin.call_async::<_, ()>("fail_silently", ())).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Guest { code: -1, message: String::new() });
        assert_eq!(count(&mut plugin), round + 1, "a global survives");
    }
}

#[test]
fn outputs_are_borrowed_or_owned() {
    let mut plugin = guest_with_body().build().unwrap();
    let text: &str = plugin.call("echo", "borrowed").unwrap();
    assert_eq!(text, "borrowed");
    let bytes: &[u8] = plugin.call("echo", [1u8, 2]).unwrap();
    assert_eq!(bytes, [1, 2]);
    let owned: String = plugin.call("echo", "owned").unwrap();
    let json: Json<Vec<u8>> = plugin.call("echo", "[1,2]").unwrap();
    let number: i64 = plugin.call("echo", -5i64).unwrap();
    assert_eq!((owned.as_str(), json.0, number), ("owned", vec![1, 2], -5));
    assert_eq!(plugin.output(), (-5i64).to_le_bytes());
    let none: Option<String> = plugin.call("nothing", "x").unwrap();
    assert_eq!((none, plugin.output()), (None, &b""[..]));
}

#[test]
fn an_output_of_another_type_is_decode_and_costs_nothing() {
    let mut plugin = guest_with_body().build().unwrap();
    count(&mut plugin);
    for result in [
        plugin.call::<_, String>("echo", [0xffu8]).map(drop),
        plugin.call::<_, Json<u8>>("echo", "{").map(drop),
        plugin.call::<_, u64>("echo", "short").map(drop),
    ] {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.function()), (&ErrorKind::Decode, Some("echo")));
    }
    assert_eq!(plugin.output(), b"short", "the bytes are still there");
    assert_eq!(count(&mut plugin), 2);
}

/// An input that has no bytes.
struct Impossible;

impl ToBytes<'_> for Impossible {
    type Bytes = Vec<u8>;

    fn to_bytes(&self) -> std::result::Result<Vec<u8>, plugwright::convert::Error> {
        Err(plugwright::convert::Error::encode::<Self>("nothing", "cannot be written"))
    }
}

#[test]
fn an_input_without_bytes_is_encode_and_costs_nothing() {
    let mut plugin = guest_with_body().build().unwrap();
    count(&mut plugin);
    let errors: [Error; 2] = [
        plugin.call::<_, ()>("echo", Impossible).unwrap_err(),
        block_on(plugin.call_async::<_, ()>("echo", Impossible)).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(
            (error.kind(), error.plugin(), error.function()),
            (&ErrorKind::Encode, Some("app"), Some("echo"))
        );
        assert!(error.message().contains("cannot be written"), "{error}");
    }
    assert_eq!(count(&mut plugin), 2);
}

#[test]
fn a_function_that_cannot_be_called_is_named_with_its_neighbours() {
    let mut plugin = guest_with_body().build().unwrap();
    count(&mut plugin);
    let error = plugin.call::<_, ()>("ecko", ()).unwrap_err();
    let ErrorKind::FunctionNotFound { nearest } = error.kind() else { panic!("{error}") };
    assert_eq!(nearest[0], "echo");
    assert_eq!((error.plugin(), error.function()), (Some("app"), Some("ecko")));
    assert!(error.to_string().contains("did you mean `echo`"), "{error}");
    let error = block_on(plugin.call_async::<_, ()>("takes", ())).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Signature);
    assert!(error.message().contains("(i32) -> ()"), "{error}");
    assert_eq!(count(&mut plugin), 2);
}

#[test]
fn config_can_be_changed_before_and_between_calls() {
    let mut plugin = guest_with_body().config("key", "first").build().unwrap();
    plugin.update_config([("key", Some("second"))]);
    assert_eq!(plugin.call::<_, String>("config", ()).unwrap(), "second");
    plugin.update_config([("key".to_owned(), None::<String>)]);
    assert_eq!(plugin.call::<_, String>("config", ()).unwrap(), "");
    plugin.update_config([("key", Some("third")), ("unrelated", None)]);
    plugin.restart();
    assert_eq!(plugin.call::<_, String>("config", ()).unwrap(), "third");
    assert_eq!(count(&mut plugin), 1);
}

#[test]
fn config_of_one_instance_is_not_that_of_another() {
    let compiled = guest_with_body().config("key", "shared").compile().unwrap();
    let (mut first, mut second) = (compiled.instantiate().unwrap(), compiled.instantiate().unwrap());
    first.update_config([("key", Some("own"))]);
    assert_eq!(first.call::<_, String>("config", ()).unwrap(), "own");
    assert_eq!(second.call::<_, String>("config", ()).unwrap(), "shared");
}

#[test]
fn reset_frees_blocks_and_keeps_the_instance() {
    let mut plugin = guest_with_body().build().unwrap();
    plugin.reset();
    plugin.call::<_, ()>("remember", "kept").unwrap();
    plugin.call::<_, ()>("echo", "output").unwrap();
    plugin.reset();
    assert_eq!(plugin.output(), b"");
    assert_eq!(recall(&mut plugin), "kept");
    assert_eq!((count(&mut plugin), count(&mut plugin)), (1, 2));
}

#[test]
fn restart_discards_the_instance_and_keeps_variables() {
    let mut plugin = guest_with_body().build().unwrap();
    plugin.restart();
    plugin.call::<_, ()>("remember", "kept").unwrap();
    assert_eq!((count(&mut plugin), count(&mut plugin)), (1, 2));
    plugin.restart();
    plugin.restart();
    assert_eq!(plugin.output(), b"");
    assert_eq!((count(&mut plugin), recall(&mut plugin)), (1, "kept".to_owned()));
}

/// A WASI command that counts in a variable how often it ran, and leaves with the code that the input's length says.
fn command() -> PluginBuilder {
    guest(
        r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
           (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))"#,
        r#"(global $ran (mut i32) (i32.const 0))
           (data (i32.const 0) "hello\n")
           (data (i32.const 8) "\00\00\00\00\06\00\00\00")
           (func (export "_start")
             (if (global.get $ran) (then unreachable))
             (global.set $ran (i32.const 1))
             (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
             (call $out (call $in))
             (if (i64.ne (call $length (call $in)) (i64.const 3)) (then
               (call $exit (i32.wrap_i64 (call $length (call $in)))))))"#,
    )
    .wasi(true)
    .stdout(Stdio::Capture)
}

#[test]
fn a_command_runs_afresh_each_time() {
    let mut plugin = command().build().unwrap();
    for _ in 0..3 {
        assert_eq!(plugin.call::<_, String>("_start", "end").unwrap(), "end", "it returns");
        assert_eq!(plugin.take_stdout(), b"hello\n");
        assert_eq!(plugin.call::<_, String>("_start", "").unwrap(), "", "proc_exit(0)");
        let error = plugin.call::<_, String>("_start", "12345").unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Exit(5));
        assert_eq!(plugin.take_stdout(), b"hello\nhello\n");
        assert_eq!(block_on(plugin.call_async::<_, String>("_start", "end")).unwrap(), "end");
        plugin.take_stdout();
        assert_eq!(count(&mut plugin), 1, "a function after a command has a fresh instance too");
        assert_eq!(count(&mut plugin), 2);
    }
}

#[test]
fn variables_outlive_commands() {
    let mut plugin = command().build().unwrap();
    plugin.call::<_, ()>("remember", "kept").unwrap();
    plugin.call::<_, ()>("_start", "end").unwrap();
    plugin.call::<_, ()>("_start", "1").unwrap_err();
    assert_eq!(recall(&mut plugin), "kept");
}

#[test]
fn start_up_happens_once_for_each_instance() {
    let started = Arc::new(AtomicU32::new(0));
    let mut plugin = guest(
        r#"(import "env" "started" (func $started))"#,
        r#"(func (export "_initialize") (call $started))
           (func (export "trap") unreachable)"#,
    )
    .host_fn("started", {
        let started = started.clone();
        move || {
            started.fetch_add(1, Ordering::Relaxed);
        }
    })
    .build()
    .unwrap();
    assert_eq!(started.load(Ordering::Relaxed), 0, "nothing runs before the first call");
    count(&mut plugin);
    count(&mut plugin);
    assert_eq!(started.load(Ordering::Relaxed), 1);
    plugin.call::<_, ()>("trap", ()).unwrap_err();
    assert_eq!(started.load(Ordering::Relaxed), 1);
    count(&mut plugin);
    assert_eq!(started.load(Ordering::Relaxed), 2);
}

#[test]
fn an_error_says_whether_a_start_up_function_runs_by_itself() {
    let runs = "runs by itself before the first call";
    let other = |ty: &str| format!("does not run by itself either, as its type is `{ty}`");
    for (functions, name, expected) in [
        (r#"(func (export "_initialize"))"#, "_initialize", runs.to_owned()),
        (r#"(func (export "_initialize") (result i32) i32.const 0)"#, "_initialize", other("() -> i32")),
        (r#"(func (export "hs_init"))"#, "hs_init", other("() -> ()")),
        (r#"(func (export "hs_init") (param i32 i32))"#, "hs_init", runs.to_owned()),
        (
            r#"(func (export "_initialize")) (func (export "__wasm_call_ctors"))"#,
            "_initialize",
            other("() -> ()"),
        ),
    ] {
        let mut plugin = plain(&format!("(module {functions})")).build().unwrap();
        let error = plugin.call::<_, ()>(name, ()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Signature);
        assert!(error.message().contains(&expected), "{functions}: {error}");
    }
}

#[test]
fn a_panicking_log_callback_costs_the_instance_alone() {
    let body = r#"(func (export "log") (call $log_info (call $in)))"#;
    let armed = Arc::new(Mutex::new(true));
    let mut plugin = guest("", body)
        .on_log({
            let armed = armed.clone();
            move |_| assert!(!std::mem::take(&mut *armed.lock().unwrap()), "the callback panics")
        })
        .build()
        .unwrap();
    let cancel = plugin.cancel_handle();
    plugin.call::<_, ()>("remember", "kept").unwrap();
    let call = std::panic::AssertUnwindSafe(|| plugin.call::<_, ()>("log", "x"));
    assert!(std::panic::catch_unwind(call).is_err(), "the panic goes to the caller");
    assert!(!cancel.cancel(), "the call is over");
    assert_eq!((count(&mut plugin), recall(&mut plugin)), (1, "kept".to_owned()));
}

#[test]
fn names_and_ids() {
    let mut plugin = guest_with_body().build().unwrap();
    assert_eq!(plugin.name(), "app");
    let id = plugin.id();
    plugin.call::<_, ()>("fail", ()).unwrap_err();
    assert_eq!(plugin.id(), id);
    assert!(format!("{plugin:?}").contains("app"));
    assert_eq!(guest("", "").build().unwrap().name(), "main");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("greeter.wat");
    std::fs::write(&path, r#"(module (func (export "run")))"#).unwrap();
    let named: Result<_> = plugwright::Plugin::builder(path).cache(plugwright::CompilationCache::Off).build();
    assert_eq!(named.unwrap().name(), "greeter");
    assert_eq!(plain("(module)").build().unwrap().exports(), []);
}
