//! Plug-ins whose start-up ran before they were compiled.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use plugwright::{
    CompilationCache, CompiledPlugin, Error, ErrorKind, HostFunction, Plugin, PluginBuilder, PluginSource,
    Snapshot, SystemInput, TrapKind,
};

use crate::support::{plain, wat};

fn guests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests")
}

/// A guest of `guests/wat`, to be started up in advance without freezing anything.
fn guest(name: &str) -> PluginBuilder {
    let path = guests().join(format!("wat/{name}.wat"));
    Plugin::builder(path).cache(CompilationCache::Off).snapshot(Snapshot::new())
}

fn inline(wat: &str) -> PluginBuilder {
    plain(wat).snapshot(Snapshot::new())
}

#[track_caller]
fn refused(builder: PluginBuilder, words: &[&str]) -> Error {
    let error = builder.compile().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Snapshot { reads: Vec::new() }, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "no `{word}` in: {error}");
    }
    error
}

#[test]
fn instances_begin_where_start_up_ended() {
    let compiled = guest("snapshot_counter").compile().unwrap();
    for _ in 0..2 {
        let mut plugin = compiled.instantiate().unwrap();
        plugin.call::<_, ()>("check", ()).unwrap();
        assert_eq!(plugin.call::<_, String>("count", ()).unwrap(), "6");
        assert_eq!(plugin.call::<_, String>("count", ()).unwrap(), "7", "instances share nothing");
    }
    assert!(compiled.exports().iter().all(|export| export.name != "_initialize"));
}

#[test]
fn every_kind_of_start_up_runs_once_and_in_order() {
    for (name, order) in [
        ("start_initialize", "si"),
        ("start_ctors", "sc"),
        ("start_haskell", "sih"),
        ("start_hs_init_only", "sh"),
    ] {
        let compiled = guest(name).compile().unwrap();
        for _ in 0..2 {
            let mut plugin = compiled.instantiate().unwrap();
            assert_eq!(plugin.call::<_, String>("order", ()).unwrap(), order, "{name}");
        }
        let start_up = ["_initialize", "__wasm_call_ctors", "hs_init"];
        assert!(!compiled.exports().iter().any(|export| start_up.contains(&&*export.name)), "{name}");
    }
}

#[test]
fn what_does_not_start_up_stays_as_it_is() {
    let code = |builder: PluginBuilder| builder.name("same").compile().unwrap().serialize().unwrap();
    let of = |wat: &str| plain(wat);
    for wat in [wat("", ""), "(module (func $f) (start $f))".to_owned()] {
        assert_eq!(code(of(&wat)), code(of(&wat).snapshot(Snapshot::new())));
    }
}

#[test]
fn variables_and_host_functions_work_after() {
    let body = r#"
      (global $ready (mut i32) (i32.const 0))
      (func (export "_initialize") (global.set $ready (i32.const 1)))
      (func (export "run") (result i32) (call $out (call $f (call $in))) (i32.eqz (global.get $ready)))"#;
    let import = r#"(import "extism:host/user" "f" (func $f (param i64) (result i64)))"#;
    let builder = inline(&wat(import, body)).host_fn("f", |text: String| text.to_uppercase());
    let mut plugin = builder.build().unwrap();
    assert_eq!(plugin.call::<_, String>("run", "abc").unwrap(), "ABC");
    plugin.call::<_, ()>("remember", "it").unwrap();
    assert_eq!(plugin.call::<_, String>("recall", ()).unwrap(), "it");
}

#[test]
fn start_up_must_not_call_the_host() {
    let error = refused(guest("snapshot_calls_host"), &["`extism:host/env.log_info`", "host functions"]);
    assert_eq!((error.plugin(), error.function()), (Some("snapshot_calls_host"), Some("_initialize")));
    let user = r#"(module (import "env" "hostMemoryGet" (func $get (param i64) (result i64)))
      (func $start (drop (call $get (i64.const 0)))) (start $start) (func (export "run")))"#;
    refused(inline(user).host_fn("hostMemoryGet", |key: String| key), &["`env.hostMemoryGet`"]);
    let direct = r#"(module (import "env" "f" (func $f)) (start $f) (func (export "run")))"#;
    refused(inline(direct).host_function(HostFunction::new("f", || ()).in_module("env")), &["`env.f`"]);
}

#[test]
fn nothing_runs_while_imports_are_missing() {
    let error = guest("imports_unsatisfied").compile().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Link { missing } if !missing.is_empty()), "{error}");
    let error = guest("snapshot_reads_system").compile().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Link { .. }), "WASI is off: {error}");
}

#[test]
fn start_up_must_not_use_files() {
    let open = r#"(module
      (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_initialize") (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0))))
      (func (export "run")))"#;
    refused(inline(open).wasi(true), &["path_open", "clock"]);
    refused(guest("snapshot_writes_output").wasi(true), &["standard output or error", "said: ready"]);
}

#[test]
fn folders_that_start_up_looked_for_are_not_found_later() {
    let folder = tempfile::tempdir().unwrap();
    let builder = || guest("snapshot_looks_for_folders").wasi(true);
    refused(builder().allow_path(folder.path().to_string_lossy(), "/data"), &["folders"]);
    let error = builder().build().unwrap().call::<_, ()>("found", ()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Guest { code: 8, .. }), "{error}");
}

fn bytes(compiled: &CompiledPlugin, function: &str) -> [u8; 8] {
    let mut plugin = compiled.instantiate().unwrap();
    let bytes: Vec<u8> = plugin.call(function, ()).unwrap();
    bytes.try_into().unwrap()
}

#[test]
fn what_start_up_reads_must_be_frozen_knowingly() {
    let error = guest("snapshot_reads_system").wasi(true).compile().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Snapshot { reads: SystemInput::ALL.to_vec() }, "{error}");
    for word in ["the clock", "random numbers", "environment variables", "arguments", "Snapshot::freeze"] {
        assert!(error.message().contains(word), "{error}");
    }
    let some = Snapshot::new().freeze([SystemInput::Clock, SystemInput::Arguments]);
    let error = guest("snapshot_reads_system").wasi(true).snapshot(some).compile().unwrap_err();
    let reads = vec![SystemInput::Random, SystemInput::Environment];
    assert_eq!(error.kind(), &ErrorKind::Snapshot { reads }, "{error}");
    // Code for others may be made with WASI turned off: then it is not there for start-up either.
    let error = guest("snapshot_reads_system").wasi(false).precompile().unwrap_err();
    assert!(error.message().contains("clock_time_get`, but WASI is off"), "{error}");
}

#[test]
fn all_instances_have_what_was_frozen() {
    let freezing = || {
        let builder = guest("snapshot_reads_system").wasi(true).env("A", "value").arg("one").arg("two");
        builder.snapshot(Snapshot::new().freeze(SystemInput::ALL))
    };
    let now = || u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap();
    let before = now();
    let compiled = freezing().compile().unwrap();
    let after = now();
    let time = u64::from_le_bytes(bytes(&compiled, "time"));
    assert!((before..=after).contains(&time), "the real time: {before} {time} {after}");
    assert_eq!(bytes(&compiled, "time"), time.to_le_bytes());
    let random = bytes(&compiled, "random");
    assert_ne!(random, [0; 8]);
    assert_eq!(bytes(&compiled, "random"), random);
    assert_eq!(&bytes(&compiled, "environment"), b"A=value\0");
    assert_eq!(bytes(&compiled, "arguments")[..4], [2, 0, 0, 0]);
    compiled.instantiate().unwrap().call::<_, ()>("check_clock", ()).unwrap();
    assert_ne!(bytes(&freezing().compile().unwrap(), "random"), random, "each snapshot has its own");
}

#[test]
fn snapshots_are_cached_by_what_they_depend_on() {
    let folder = tempfile::tempdir().unwrap();
    let random = |value: &str, frozen: &[SystemInput], pages: u32| {
        let builder = guest("snapshot_reads_system").wasi(true).env("A", value).memory_max_pages(pages);
        let builder = builder.cache(CompilationCache::Folder(folder.path().to_owned()));
        let compiled = builder.snapshot(Snapshot::new().freeze(frozen.iter().copied())).compile()?;
        Ok::<_, Error>(bytes(&compiled, "random"))
    };
    let all = SystemInput::ALL;
    let first = random("value", &all, 100).unwrap();
    assert_eq!(random("value", &all, 100).unwrap(), first, "it is not made again");
    assert_ne!(random("other", &all, 100).unwrap(), first);
    assert_ne!(random("value", &all, 101).unwrap(), first);
    assert!(random("value", &all[..3], 100).is_err(), "a stricter host does not get it");
}

#[test]
fn start_up_has_limits() {
    let soon = Snapshot::new().timeout(Duration::from_millis(1));
    for name in ["hazard_06_loop_in_initialize", "hazard_06_loop_in_start", "hazard_06_loop_in_ctors"] {
        let error = guest(name).snapshot(soon.clone()).compile().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Timeout, "{error}");
        assert_eq!(error.plugin(), Some(name));
    }
    let greedy = r#"(module (memory (export "memory") 1)
      (func (export "_initialize")
        (if (i32.lt_s (memory.grow (i32.const 5000)) (i32.const 0)) (then (unreachable))))
      (func (export "run")))"#;
    let error = inline(greedy).memory_max_pages(100).compile().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::OutOfMemory);
    assert!(error.message().contains("memory.max_pages"), "{error}");
    let error = inline(greedy).compile().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::OutOfMemory);
    assert!(error.message().contains("more memory than a snapshot"), "{error}");
}

#[test]
fn start_up_that_scatters_its_memory_is_refused() {
    let scattered = r#"(module (memory (export "memory") 80)
      (func (export "_initialize") (local $at i32)
        (loop $next
          (i32.store8 (local.get $at) (i32.const 1))
          (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 2))) (i32.const 5242880)))))
      (func (export "run")))"#;
    refused(inline(scattered), &["2621440 separate places"]);
}

#[test]
fn start_up_that_fails_is_an_error_of_the_build() {
    let error = inline(
        r#"(module (func $f unreachable) (func (export "_initialize") (call $f)) (func (export "run")))"#,
    )
    .compile()
    .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Trap(TrapKind::Unreachable));
    assert_eq!(error.function(), Some("_initialize"));
    assert!(error.backtrace().is_some() && error.message().contains("trapped in `f`"), "{error}");
    let exits = r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_initialize") (call $exit (i32.const 3))) (func (export "run")))"#;
    let error = inline(exits).wasi(true).compile().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Exit(3), "{error}");
}

#[test]
fn modules_that_a_snapshot_cannot_hold() {
    let start = r#"(func (export "_initialize"))"#;
    let refused = |builder: PluginBuilder, words: &[&str]| {
        let error = builder.precompile().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Snapshot { reads: Vec::new() }, "{error}");
        assert!(words.iter().all(|word| error.message().contains(word)), "{words:?}: {error}");
        error
    };
    for (body, words) in [
        (r#"(import "env" "m" (memory 1))"#, &["memory `env.m`"][..]),
        (r#"(import "env" "g" (global i32))"#, &["global `env.g`"]),
        (r#"(import "env" "t" (table 1 funcref))"#, &["table `env.t`"]),
        (r#"(func (export "_start"))"#, &["WASI command", "`_initialize`"]),
        ("(global (mut funcref) (ref.null func))", &["reference type"]),
        ("(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))", &["table.set"]),
        (r#"(func (export "hs_init")) (func (drop (ref.func 0)))"#, &["refers to its start-up"]),
        (r#"(memory 1) (export "__wizer_memory_0" (memory 0))"#, &["__wizer_"]),
    ] {
        let error = refused(inline(&format!("(module {body} {start})")).name("named"), words);
        assert_eq!(error.plugin(), Some("named"));
    }
    let linked = inline(&wat("", start)).link("library", wat("", "").as_bytes());
    refused(linked, &["one module", "has 2"]);
}

#[test]
fn names_that_do_not_come_last_are_refused() {
    let wasm = ::wat::parse_str(
        r#"(module (memory 1) (func (export "_initialize") (i32.store (i32.const 0) (i32.const 1))))"#,
    );
    let wasm = wasm.unwrap();
    let (header, sections) = wasm.split_at(8);
    let names = b"\0\x09\x04name\x00\x02\x01m";
    let early = [header, names, sections].concat();
    refused(Plugin::builder(early).cache(CompilationCache::Off).snapshot(Snapshot::new()), &["names"]);
    let late = [&wasm[..], names].concat();
    Plugin::builder(late).cache(CompilationCache::Off).snapshot(Snapshot::new()).compile().unwrap();
}

#[test]
fn what_is_not_valid_is_the_compilers_affair() {
    for wat in [
        r#"(module (func (export "_initialize") (i32.add)))"#,
        r#"(module (memory 1 1 shared) (func (export "_initialize")))"#,
        r#"(module (type (struct)) (func (export "_initialize")))"#,
    ] {
        let error = inline(wat).compile().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Compile, "{error}");
    }
    let whole = ::wat::parse_file(guests().join("wat/snapshot_counter.wat")).unwrap();
    for len in (0..whole.len()).step_by(3) {
        let cut = Plugin::builder(&whole[..len]).cache(CompilationCache::Off);
        let kind = |builder: PluginBuilder| builder.compile().err().map(|error| error.kind().clone());
        assert_eq!(kind(cut.clone().snapshot(Snapshot::new())), kind(cut), "{len} bytes");
    }
    let code = plain(&wat("", "")).precompile().unwrap();
    let source = PluginSource::trusted_compiled_code(code);
    let error = Plugin::builder(source).snapshot(Snapshot::new()).compile().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Incompatible);
}

/// The public PDK for Go, with its real runtime.
#[test]
fn standard_go() {
    let path = guests().join("build/go_count_vowels.wasm");
    if !path.exists() {
        assert!(std::env::var_os("PLUGWRIGHT_ALL_GUESTS").is_none(), "`{}` is not built", path.display());
        return;
    }
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    let plain = || Plugin::builder(&*path).wasi(true).cache(CompilationCache::Folder(cache.clone()));
    let frozen = Snapshot::new().freeze(SystemInput::ALL);
    let snapshot = plain().snapshot(frozen.clone()).compile().unwrap();
    let mut expected = plain().build().unwrap();
    let calls = ["Hello, World!", "aeiou", "", "\u{1F600} naïve"];
    let answers =
        |plugin: &mut Plugin| calls.map(|input| plugin.call::<_, String>("count_vowels", input).unwrap());
    let expected = answers(&mut expected);
    for _ in 0..2 {
        // The totals are a variable that each instance has for itself.
        assert_eq!(answers(&mut snapshot.instantiate().unwrap()), expected);
    }
    let error = plain().snapshot(Snapshot::new()).compile().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Snapshot { reads: SystemInput::ALL.to_vec() }, "{error}");
    let folder = tempfile::tempdir().unwrap();
    let folders = plain().allow_path(folder.path().to_string_lossy(), "/data").snapshot(frozen);
    refused(folders, &["folders"]);
}
