//! Compiled plug-ins: shared by threads, written out, and loaded again by those who trust them.

use std::thread;

use plugwright::{CompilationCache, CompiledPlugin, ErrorKind, Plugin, PluginBuilder, PluginSource};

use crate::support::{count, guest, pipe, plain, recall, wat};

fn load(code: impl Into<Vec<u8>>) -> PluginBuilder {
    Plugin::builder(PluginSource::trusted_compiled_code(code))
}

#[test]
fn threads_share_code_and_nothing_else() {
    let compiled = pipe().host_fn("f", |text: String| format!("<{text}>")).compile().unwrap();
    thread::scope(|scope| {
        for name in 0..4 {
            let compiled = &compiled;
            scope.spawn(move || {
                for round in 0..20 {
                    let mut plugin = compiled.instantiate().unwrap();
                    let note = format!("{name}/{round}");
                    plugin.call::<_, ()>("remember", note.as_str()).unwrap();
                    assert_eq!(count(&mut plugin), 1);
                    assert_eq!(recall(&mut plugin), note);
                    assert_eq!(plugin.call::<_, String>("run", note.as_str()).unwrap(), format!("<{note}>"));
                }
            });
        }
    });
}

#[test]
fn a_plugin_moves_between_threads() {
    let mut plugin = guest("", "").build().unwrap();
    for expected in 1..5 {
        plugin = thread::spawn(move || {
            assert_eq!(count(&mut plugin), expected);
            plugin
        })
        .join()
        .unwrap();
    }
}

#[test]
fn instances_outlive_what_they_were_made_from() {
    let compiled: CompiledPlugin = guest("", "").compile().unwrap();
    let mut plugin = compiled.clone().instantiate().unwrap();
    drop(compiled);
    assert_eq!(count(&mut plugin), 1);
}

#[test]
fn instances_have_ids_of_their_own() {
    let compiled = guest("", "").compile().unwrap();
    let (mut first, second) = (compiled.instantiate().unwrap(), compiled.instantiate().unwrap());
    assert_ne!(first.id(), second.id());
    let id = first.id();
    first.restart();
    count(&mut first);
    assert_eq!(first.id(), id, "an id outlives instances");
}

#[test]
fn exports_are_known_without_an_instance() {
    let compiled = plain(
        r#"(module (func (export "b") (result i32) i32.const 0) (func (export "a"))
           (func (export "takes") (param i64 f32) (result i64 i32) unreachable)
           (memory (export "memory") 1) (global (export "g") i32 (i32.const 1)))"#,
    )
    .compile()
    .unwrap();
    let exports: Vec<(&str, &str, bool)> =
        compiled.exports().iter().map(|e| (e.name.as_str(), e.ty.as_str(), e.callable)).collect();
    assert_eq!(
        exports,
        [("b", "() -> i32", true), ("a", "() -> ()", true), ("takes", "(i64, f32) -> (i64, i32)", false)]
    );
    assert!(compiled.function_exists("a") && compiled.function_exists("b"));
    for name in ["takes", "memory", "g", "", "A"] {
        assert!(!compiled.function_exists(name), "{name}");
    }
    assert_eq!(compiled.instantiate().unwrap().exports(), compiled.exports());
}

#[test]
fn serialized_code_runs_when_it_is_loaded_again() {
    let function = |text: String| format!("<{text}>");
    let compiled = pipe().name("first").host_fn("f", function).compile().unwrap();
    let code = compiled.serialize().unwrap();
    let loaded = load(code.clone()).host_fn("f", function).compile().unwrap();
    assert_eq!(loaded.name(), "first");
    assert_eq!(loaded.exports(), compiled.exports());
    let mut plugin = loaded.instantiate().unwrap();
    assert_eq!(plugin.call::<_, String>("run", "x").unwrap(), "<x>");
    plugin.call::<_, ()>("remember", "kept").unwrap();
    assert_eq!(recall(&mut plugin), "kept");
    let renamed = load(code).name("second").host_fn("f", function).compile().unwrap();
    assert_eq!(renamed.name(), "second");
    assert_eq!(renamed.serialize().unwrap(), load(renamed.serialize().unwrap()).precompile().unwrap());
}

#[test]
fn host_functions_are_not_part_of_the_code() {
    let code = pipe().precompile().expect("nobody asks for `f` yet");
    assert!(
        matches!(load(code.clone()).compile().unwrap_err().kind(), ErrorKind::Link { missing } if missing.len() == 1)
    );
    let mut plugin = load(code).host_fn("f", |text: String| text).build().unwrap();
    assert_eq!(plugin.call::<_, String>("run", "x").unwrap(), "x");
}

#[test]
fn settings_are_those_of_the_loader() {
    let code = guest("", "").fuel(1000).precompile().unwrap();
    let mut plugin = load(code.clone()).fuel(500).config("k", "v").build().unwrap();
    count(&mut plugin);
    assert!(plugin.fuel_consumed().is_some_and(|fuel| fuel < 500));
    let error = load(code).build().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Incompatible, "code that counts fuel is another: {error}");
}

#[test]
fn several_modules_are_one_file() {
    let library = r#"(module (func (export "one") (result i64) (i64.const 1)))"#;
    let main = wat(
        r#"(import "library" "one" (func $one (result i64)))"#,
        r#"(func (export "run") (call $out_number (call $one)))"#,
    );
    let code = plain(&main).link("library", library.as_bytes()).precompile().unwrap();
    assert_eq!(load(code).build().unwrap().call::<_, u64>("run", ()).unwrap(), 1);
}

#[test]
fn nothing_can_be_linked_to_compiled_code() {
    let code = guest("", "").precompile().unwrap();
    let error = load(code).link("library", &b"(module)"[..]).build().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Incompatible);
    let message = error.message();
    assert!(message.contains("`library`") && message.contains("when the plug-in is compiled"), "{error}");
}

#[test]
fn bytes_that_are_no_compiled_plugin_are_refused() {
    let code = guest("", "").precompile().unwrap();
    let text = wat("", "");
    for bytes in [&[][..], b"garbage", b"\0asm\x01\0\0\0", text.as_bytes(), &[0xff; 64]] {
        let error = load(bytes).build().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Incompatible, "{error}");
    }
    for len in (0..code.len()).step_by(code.len() / 50) {
        let error = load(&code[..len]).build().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Incompatible, "{len} bytes: {error}");
    }
    let longer = [&code[..], &[0]].concat();
    assert_eq!(load(longer).build().unwrap_err().kind(), &ErrorKind::Incompatible);
}

#[test]
fn compiled_code_is_not_taken_for_anything_else() {
    let code = guest("", "").precompile().unwrap();
    let error = Plugin::builder(code.clone()).build().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Compile, "trust must be said: {error}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugin.cwasm");
    std::fs::write(&path, &code).unwrap();
    let error = Plugin::builder(path.as_path()).build().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Compile);
    let error = guest("", "").link("library", PluginSource::trusted_compiled_code(code)).build().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Incompatible);
}

#[test]
fn both_memory_layouts_and_all_counters_have_engines_of_their_own() {
    let builders: [fn(PluginBuilder) -> PluginBuilder; 4] =
        [|b| b, |b| b.compact_memory(true), |b| b.fuel(10_000), |b| b.keep_coredump(true)];
    for build in builders {
        let code = build(guest("", "")).precompile().unwrap();
        assert_eq!(count(&mut build(load(code)).build().unwrap()), 1);
        assert_eq!(count(&mut build(guest("", "")).cache(CompilationCache::Off).build().unwrap()), 1);
    }
}
