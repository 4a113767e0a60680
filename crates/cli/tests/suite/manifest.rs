//! `plugwright manifest`.

use serde_json::json;

use crate::support::{World, serve, smallest, unreachable_url};

#[test]
fn a_valid_manifest_is_one_line() {
    let world = World::new();
    world.file("m.json", r#"{"wasm": [{"path": "plugin.wasm"}]}"#);
    world.file("m.toml", "[[wasm]]\npath = \"a.wasm\"\nname = \"a\"\n[[wasm]]\npath = \"b.wasm\"\n");
    let run = world.run(["manifest", "check", "m.json"]);
    assert_eq!((run.ok(), &*run.stderr), ("`m.json` is a valid manifest in JSON with 1 module\n", ""));
    assert_eq!(
        world.run(["manifest", "check", "m.toml"]).ok(),
        "`m.toml` is a valid manifest in TOML with 2 modules\n"
    );
    let json = world.run(["manifest", "check", "m.json", "--json"]).json();
    assert_eq!(
        json,
        json!({"valid": true, "file": "m.json", "format": "JSON", "modules": 1, "files_checked": false})
    );
}

#[test]
fn an_invalid_manifest_is_one_error() {
    let world = World::new();
    for (content, words) in [
        (r#"{"wasm": [], "x": 1}"#, &["`m.json`", "x"][..]),
        (r#"{"wasm": []}"#, &["`m.json`", "wasm"]),
        (r#"{"wasm": [{"path": "a", "hash": "00"}]}"#, &["wasm[0].hash"]),
        ("{", &["`m.json`"]),
        ("", &["`m.json`"]),
        ("(module)", &["`m.json` is WebAssembly, not a manifest"]),
    ] {
        world.file("m.json", content);
        world.run(["manifest", "check", "m.json"]).fails(1, words);
    }
    world.file("m.json", b"\xff\xfe");
    world.run(["manifest", "check", "m.json"]).fails(1, &["not text"]);
    world.run(["manifest", "check", "none.json"]).fails(1, &["cannot read `none.json`"]);
}

#[test]
fn what_it_names_is_checked_when_asked() {
    let world = World::new();
    let check = || world.run(["manifest", "check", "m.json", "--files"]);
    world.file("m.json", r#"{"wasm": [{"path": "plugin.wasm"}], "allowed_paths": {"ro:data": "/mnt"}}"#);
    check().fails(1, &["wasm[0]", "cannot read `plugin.wasm`"]);
    world.file("plugin.wasm", smallest());
    check().fails(1, &["allowed_paths", "`data` is not a folder"]);
    std::fs::create_dir(world.dir.path().join("data")).unwrap();
    assert!(check().ok().ends_with("; its modules and folders are there\n"));
    world.file("m.json", format!(r#"{{"wasm": [{{"path": "plugin.wasm", "hash": "{}"}}]}}"#, "0".repeat(64)));
    check().fails(1, &["wasm[0]", "`plugin.wasm`", "SHA-256"]);
    world.file("plugin.wasm", "hello");
    world.file("m.json", r#"{"wasm": [{"path": "plugin.wasm"}]}"#);
    check().fails(1, &["wasm[0]", "`plugin.wasm`", "not WebAssembly"]);
}

#[test]
fn modules_behind_urls_are_checked_when_asked() {
    let url = serve(vec![("/plugin.wasm", smallest())]);
    let world = World::new();
    let check = |module: String| {
        world.file(
            "m.json",
            format!(r#"{{"wasm": [{{"data": "AGFzbQEAAAA=", "name": "first"}}, {module}]}}"#),
        );
        world.run(["manifest", "check", "m.json", "--files"])
    };
    assert!(check(format!(r#"{{"url": "{url}/plugin.wasm"}}"#)).ok().ends_with("are there\n"));
    check(format!(r#"{{"url": "{url}/plugin.wasm", "hash": "{}"}}"#, "0".repeat(64)))
        .fails(1, &["wasm[1]", "/plugin.wasm", "SHA-256"]);
    check(format!(r#"{{"url": "{url}/none"}}"#)).fails(1, &["wasm[1]", "/none", "404", "check the URL"]);
    check(format!(r#"{{"url": "{}"}}"#, unreachable_url())).fails(1, &["wasm[1]", "check the URL"]);
    // Without the flag nobody looks.
    world.run(["manifest", "check", "m.json"]).ok();
}

#[test]
fn the_schema_is_json() {
    let schema = World::new().run(["manifest", "schema"]).json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(schema["properties"]["wasm"].is_object());
}
