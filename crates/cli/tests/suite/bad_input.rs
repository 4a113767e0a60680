//! Bad input: one line that says what to do, an exit code, and nothing on standard output.

use crate::support::{World, smallest, unreachable_url, wat};

#[test]
fn not_webassembly() {
    let world = World::new();
    world.file("plugin.wasm", "hello");
    world.file("empty.wasm", "");
    world
        .run(["call", "plugin.wasm", "run"])
        .fails(1, &["plug-in `plugin`", "not WebAssembly", "right file"]);
    world.run(["call", "empty.wasm", "run"]).fails(1, &["plug-in `empty`", "empty", "right file"]);
    world.file("broken.wat", "(module (func");
    world.run(["call", "broken.wat", "run"]).fails(1, &["plug-in `broken`", "not valid WebAssembly text"]);
}

#[test]
fn truncated_webassembly() {
    let world = World::new();
    let wasm = smallest();
    for length in 8..wasm.len() {
        world.file("plugin.wasm", &wasm[..length]);
        // Cut between sections it can be valid, and lacks the function.
        let error = world.run(["call", "plugin.wasm", "run"]);
        error.fails(1, &["plug-in `plugin`"]);
    }
    world.file("plugin.wasm", &wasm[..wasm.len() - 1]);
    world.run(["call", "plugin.wasm", "run"]).fails(1, &["not a WebAssembly module", "fetch it again"]);
}

#[test]
fn a_wrong_hash() {
    let world = World::new();
    world.file("plugin.wasm", smallest());
    world.file("m.json", format!(r#"{{"wasm": [{{"path": "plugin.wasm", "hash": "{}"}}]}}"#, "0".repeat(64)));
    world.run(["call", "m.json", "run"]).fails(1, &["plugin.wasm", "SHA-256", "correct `hash`"]);
}

#[test]
fn an_unknown_field_of_a_manifest() {
    let world = World::new();
    world.file("m.json", r#"{"wasm": [{"path": "plugin.wasm"}], "timeot_ms": 1}"#);
    world.run(["call", "m.json", "run"]).fails(1, &["`m.json`", "timeot_ms", "did you mean `timeout_ms`?"]);
    world.file("m.toml", "[[wasm]]\npth = \"plugin.wasm\"\n");
    world.run(["call", "m.toml", "run"]).fails(1, &["`m.toml`", "wasm[0].pth", "did you mean `path`?"]);
}

#[test]
fn a_missing_file() {
    let world = World::new();
    world.run(["call", "none.wasm", "run"]).fails(1, &["cannot read `none.wasm`", "check the path"]);
    world.run(["call", ".", "run"]).fails(1, &["cannot read `.`"]);
    world.file("m.json", r#"{"wasm": [{"path": "none.wasm"}]}"#);
    world.run(["call", "m.json", "run"]).fails(1, &["cannot read `none.wasm`", "check the path"]);
    let link = ["call", &wat("linked_main"), "shout", "--link", "library=none.wasm"];
    world.run(link).fails(1, &["cannot read `none.wasm`"]);
}

#[test]
fn an_unreachable_url() {
    let world = World::new();
    let url = unreachable_url();
    world.run(["call", &url, "run"]).fails(1, &[&url, "check the URL"]);
    world.run(["call", "http://", "run"]).fails(1, &["URL is not valid"]);
}

#[test]
fn an_unknown_function() {
    let world = World::new();
    let run = world.run(["call", &wat("count_vowels"), "count_vowel"]);
    run.fails(1, &["plug-in `count_vowels`, function `count_vowel`", "did you mean `count_vowels`?"]);
    world.run(["call", &wat("count_vowels"), "xyz"]).fails(1, &["it exports `count_vowels`"]);
}

#[test]
fn start_up_functions_are_not_suggested() {
    let world = World::new();
    let start_up =
        r#"(func (export "_initialize")) (func (export "__wasm_call_ctors")) (func (export "hs_init"))"#;
    world.file("plugin.wat", format!(r#"(module {start_up} (func (export "run")))"#));
    for name in ["initialize", "__wasm_call_ctor", "hs_ini"] {
        let error = world.run(["call", "plugin.wat", name]).fails(1, &["it exports `run`"]).to_owned();
        assert!(error.ends_with("it exports `run`"), "{error}");
    }
    world.file("plugin.wat", format!("(module {start_up})"));
    world.run(["call", "plugin.wat", "initialize"]).fails(1, &["exports no function that can be called"]);
}

#[test]
fn a_function_with_the_wrong_type() {
    let run = World::new().run(["call", &wat("exports"), "takes_two"]);
    run.fails(
        1,
        &["function `takes_two`", "(i32, i32) -> i32", "`() -> i32` or `() -> ()`", "plugwright inspect"],
    );
}

#[test]
fn unsatisfied_imports() {
    let run = World::new().run(["call", &wat("imports_unsatisfied"), "run"]);
    run.fails(
        1,
        &[
            "`extism:host/user.no_such_function` (i64, i32) -> f64",
            "`env.neither_this` () -> ()",
            "`some:module/name.nor_this` () -> i64",
            "`extism:host/env.no_such_import` (i64) -> ()",
            "no flag lends such a function",
            "--link NAME=FILE",
        ],
    );
}

#[test]
fn unknown_flags_and_commands() {
    let world = World::new();
    world.run(["call", "x.wasm", "f", "--inptu", "x"]).fails(1, &["--inptu"]);
    world.run(["cal", "x.wasm", "f"]).fails(1, &["cal"]);
}

#[test]
fn bytes_of_every_kind_are_answered() {
    let world = World::new();
    let wasm = smallest();
    for index in 0..wasm.len() {
        let mut changed = wasm.clone();
        changed[index] ^= 0xff;
        world.file("plugin.wasm", &changed);
        let run = world.run(["call", "plugin.wasm", "run", "--no-cache", "--timeout", "10s"]);
        assert!(run.code.is_some_and(|code| code <= 1), "byte {index}: {:?} {}", run.code, run.stderr);
        assert!(run.stdout.is_empty());
        assert!(!run.stderr.contains("panicked"), "byte {index}: {}", run.stderr);
    }
}
