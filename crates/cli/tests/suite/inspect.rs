//! `plugwright inspect`.

use serde_json::json;

use crate::support::{World, serve, smallest, unreachable_url, wat};

#[test]
fn a_table_for_people() {
    let world = World::new();
    let run = world.run(["inspect", &wat("count_vowels")]);
    let table = run.ok();
    for line in [
        "Functions that can be called",
        "  count_vowels  () -> i32",
        "  extism:host/env — provided",
        "kind",
        "sha256",
    ] {
        assert!(table.contains(line), "no `{line}` in:\n{table}");
    }
    assert!(!table.contains('\u{1b}'));
    assert_eq!(run.stderr, "");
}

#[test]
fn imports_tell_who_has_to_provide_them() {
    let world = World::new();
    let text = world.run(["inspect", &wat("imports_unsatisfied")]);
    let text = text.ok();
    assert!(text.contains("  extism:host/user — host functions: the host must provide them"), "{text}");
    assert!(
        text.contains("no_such_import  (i64) -> ()  — not provided: the contract has no such function"),
        "{text}"
    );
    assert!(
        world
            .run(["inspect", &wat("wasi_exit")])
            .ok()
            .contains("wasi_snapshot_preview1 — WASI: needs --wasi")
    );
    assert!(
        world.run(["inspect", &wat("imports_wrong_type")]).ok().contains("— wrong type: the contract has")
    );
}

#[test]
fn json_for_machines() {
    let world = World::new();
    world.file("plugin.wasm", smallest());
    let json = world.run(["inspect", "plugin.wasm", "--json"]).json();
    let module = &json["modules"][0];
    assert_eq!(module["source"], "plugin.wasm");
    assert_eq!(module["size_bytes"], json!(smallest().len()));
    assert_eq!(module["callable_exports"][0]["name"], "run");
    assert_eq!(module["imports"], json!([]));
    assert_eq!(module["sha256"].as_str().map(str::len), Some(64));
}

#[test]
fn every_module_of_a_manifest() {
    let world = World::new();
    world.file(
        "m.json",
        format!(
            r#"{{"wasm": [{{"path": {:?}, "name": "library"}}, {{"path": {:?}}}]}}"#,
            wat("linked_library"),
            wat("linked_main")
        ),
    );
    let json = world.run(["inspect", "m.json", "--json"]).json();
    assert_eq!(
        (&json["modules"][0]["name"], &json["modules"][1]["name"]),
        (&json!("library"), &json!("main"))
    );
    assert!(world.run(["inspect", "m.json"]).ok().contains("library — provided: a module of this plug-in"));
    world.file(
        "bad.json",
        format!(r#"{{"wasm": [{{"path": {:?}, "hash": "{}"}}]}}"#, wat("echo"), "0".repeat(64)),
    );
    world.run(["inspect", "bad.json"]).fails(1, &["SHA-256", "correct `hash`"]);
}

#[test]
fn urls_are_downloaded() {
    let url = serve(vec![
        ("/plugin.wasm", smallest()),
        ("/plugin.wat", b"(module (memory (export \"one\") 1))".to_vec()),
        ("/hello", b"hello".to_vec()),
    ]);
    let world = World::new();
    let source = |json: &serde_json::Value| json["modules"][0]["source"].clone();
    let wasm = format!("{url}/plugin.wasm");
    let json = world.run(["inspect", &wasm, "--json"]).json();
    assert_eq!(source(&json), json!(wasm));
    assert_eq!(json["modules"][0]["callable_exports"][0]["name"], "run");
    let text = world.run(["inspect", &format!("{url}/plugin.wat")]);
    assert!(text.ok().contains("  one  1 page\n"), "{}", text.ok());

    world.file("m.json", format!(r#"{{"wasm": [{{"url": "{wasm}"}}]}}"#));
    assert_eq!(source(&world.run(["inspect", "m.json", "--json"]).json()), json!(wasm));

    let missing = format!("{url}/none");
    world.run(["inspect", &missing]).fails(1, &["cannot download", &missing, "404", "check the URL"]);
    world.file("m.json", format!(r#"{{"wasm": [{{"url": "{missing}"}}]}}"#));
    world.run(["inspect", "m.json"]).fails(1, &["`m.json`", &missing, "404", "check the URL"]);
    let unreachable = unreachable_url();
    world.run(["inspect", &unreachable]).fails(1, &[&unreachable, "check the URL"]);
    let hello = format!("{url}/hello");
    world.run(["inspect", &hello]).fails(1, &[&hello, "not WebAssembly"]);
}

#[test]
fn data_in_a_manifest_comes_from_the_manifest() {
    let world = World::new();
    world.file("m.json", r#"{"wasm": [{"data": "AGFzbQEAAAABBQFgAAF/AwIBAAcHAQNydW4AAAoGAQQAQQAL"}]}"#);
    let json = world.run(["inspect", "m.json", "--json"]).json();
    assert_eq!(
        (&json["modules"][0]["name"], &json["modules"][0]["source"]),
        (&json!(null), &json!("m.json"))
    );
}

#[test]
fn names_cannot_fool_the_terminal() {
    let world = World::new();
    world.file("plugin.wat", r#"(module (func (export "\1b[2Jclear\nForged: line")))"#);
    let run = world.run(["inspect", "plugin.wat"]);
    assert!(run.ok().contains(r"\u{1b}[2Jclear; Forged: line"), "{}", run.ok());
}

#[test]
fn bad_input() {
    let world = World::new();
    world.file("plugin.wasm", &smallest()[..20]);
    world.run(["inspect", "plugin.wasm"]).fails(1, &["plugin.wasm", "not a valid WebAssembly module"]);
    world.run(["inspect", "none.wasm"]).fails(1, &["cannot read `none.wasm`"]);
    world.file("hello.wasm", "hello");
    world.run(["inspect", "hello.wasm"]).fails(1, &["hello.wasm", "not WebAssembly"]);
    world.file("broken.wat", "(module\n  (func $x (call $none)))");
    world.run(["inspect", "broken.wat"]).fails(1, &["broken.wat", "not valid WebAssembly text"]);
    world.file("x.cwasm", "PLUGWRGT...");
    world.run(["inspect", "x.cwasm"]).fails(1, &["compiled code", "compiled from"]);
}
