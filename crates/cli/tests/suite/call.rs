//! `plugwright call`: sources, input, output and repetition.

use std::process::Stdio;

use crate::support::{CODES, CONFIG, World, serve, smallest, wat};

const TEXT: &str = r#"(module (func (export "run") (result i32) (i32.const 0)))"#;

#[test]
fn prints_the_output_and_nothing_else() {
    let run = World::new().run(["call", &wat("count_vowels"), "count_vowels", "--input", "Hello, World!"]);
    assert_eq!(run.ok(), "{\"count\":3}");
    assert_eq!(run.stderr, "");
}

#[test]
fn passes_bytes_through_untouched() {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let world = World::new();
    world.file("input.bin", &bytes);
    for run in [
        world.run_with_input(["call", &wat("echo"), "echo", "--stdin"], &bytes),
        world.run(["call", &wat("echo"), "echo", "--input-file", "input.bin"]),
    ] {
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(run.stdout, bytes);
    }
}

#[test]
fn input_may_look_like_a_flag() {
    let world = World::new();
    for input in ["--json", "-5", "", "two\nlines"] {
        assert_eq!(world.run(["call", &wat("echo"), "echo", "-i", input]).ok(), input);
    }
}

#[test]
fn one_input_is_enough() {
    let world = World::new();
    world.run(["call", "x.wasm", "f", "--input", "a", "--stdin"]).fails(1, &["--input", "--stdin"]);
    world.run(["call", "x.wasm", "f", "--input", "a", "--input-file", "b"]).fails(1, &["--input-file"]);
    world
        .run(["call", &wat("echo"), "echo", "--input-file", "none"])
        .fails(1, &["cannot read the input `none`"]);
}

#[test]
fn output_goes_to_a_file_once_the_call_has_succeeded() {
    let world = World::new();
    let run = world.run(["call", &wat("echo"), "echo", "--input", "x", "--output", "out"]);
    assert_eq!(run.ok(), "");
    assert_eq!(world.read("out"), b"x");

    let codes = world.file("codes.wat", CODES);
    world.run(["call", codes.to_str().unwrap(), "three", "-o", "failed"]).fails(3, &[]);
    assert!(!world.dir.path().join("failed").exists());
    world
        .run(["call", &wat("echo"), "echo", "-o", "no/such/folder"])
        .fails(1, &["cannot write `no/such/folder`"]);
}

#[test]
fn a_closed_standard_output_is_no_error() {
    let world = World::new();
    let bytes = vec![b'x'; 10_000_000];
    world.file("input", &bytes);
    let mut command = world.command();
    command.args(["call", &wat("echo"), "echo", "--input-file", "input"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn plugins_come_from_text_binaries_manifests_and_urls() {
    let world = World::new();
    let url = serve(vec![("/plugin.wasm", smallest()), ("/plugin.wat", TEXT.into())]);
    world.file("plugin.wat", TEXT);
    world.file("plugin.wasm", smallest());
    world.file("plugin.json", r#"{"wasm": [{"path": "plugin.wasm"}]}"#);
    world.file("plugin.toml", "[[wasm]]\npath = \"plugin.wat\"\n");
    world.file("remote.json", format!(r#"{{"wasm": [{{"url": "{url}/plugin.wasm"}}]}}"#));
    let sources =
        ["plugin.wat", "plugin.wasm", "plugin.json", "plugin.toml", "remote.json"].map(str::to_owned);
    for source in sources.into_iter().chain([format!("{url}/plugin.wasm"), format!("{url}/plugin.wat")]) {
        assert_eq!(world.run(["call", &source, "run"]).ok(), "", "{source}");
    }
}

#[test]
fn a_manifest_may_be_named_in_every_way() {
    let world = World::new();
    world.file("m.json", r#"{"wasm": [{"path": "plugin.wat"}], "config": {"key": "value"}}"#);
    world.file("plugin.wat", CONFIG);
    for args in [
        &["call", "m.json", "get"][..],
        &["call", "--manifest", "m.json", "get"],
        &["call", "m.json", "get", "--manifest"],
        &["call", "m.json", "--manifest", "get"],
        &["call", "get", "--manifest", "m.json"],
        &["call", "-m", "m.json", "get"],
        &["call", "m.json", "get", "-m"],
        &["call", "--manifest=m.json", "get"],
        &["call", "--manifest=true", "m.json", "get"],
        &["call", "--manifest=false", "m.json", "get"],
    ] {
        assert_eq!(world.run(args.iter().copied().chain(["--input", "key"])).ok(), "value", "{args:?}");
    }
}

#[test]
fn insisting_on_a_manifest() {
    let world = World::new();
    world.file("plugin.wat", TEXT);
    world.run(["call", "plugin.wat", "run", "-m"]).fails(1, &["`plugin.wat` is not a manifest"]);
    world
        .run(["call", "plugin.wat", "run", "--manifest", "m.json"])
        .fails(1, &["plugin.wat", "m.json", "one of them"]);
}

#[test]
fn a_missing_word_is_asked_for() {
    let world = World::new();
    world.run(["call", "x.wasm"]).fails(1, &["which function", "plugwright inspect x.wasm"]);
    world.run(["call"]).fails(1, &["plugwright call PLUGIN FUNCTION"]);
    world.run(["call", "--manifest", "m.json"]).fails(1, &["which function"]);
}

#[test]
fn repeat_prints_the_last_output_and_loop_prints_each() {
    let world = World::new();
    let echo = wat("echo");
    assert_eq!(world.run(["call", &echo, "echo", "-i", "x", "--repeat", "3"]).ok(), "x");
    assert_eq!(world.run(["call", &echo, "echo", "-i", "x", "--loop", "3"]).ok(), "x\nx\nx\n");
    assert_eq!(world.run(["call", &echo, "echo", "-i", "x", "--loop", "1"]).ok(), "x");
    world.run(["call", &echo, "echo", "--repeat", "0"]).fails(1, &["--repeat"]);
    world.run(["call", &echo, "echo", "--repeat", "2", "--loop", "2"]).fails(1, &["--loop"]);
}

#[test]
fn repeat_keeps_the_instance() {
    let world = World::new();
    world.file(
        "count.wat",
        r#"(module (global $n (mut i32) (i32.const 0))
             (func (export "third_fails") (result i32)
               (global.set $n (i32.add (global.get $n) (i32.const 1)))
               (i32.eq (global.get $n) (i32.const 3))))"#,
    );
    assert_eq!(world.run(["call", "count.wat", "third_fails", "--repeat", "2"]).code, Some(0));
    world.run(["call", "count.wat", "third_fails", "--repeat", "3"]).fails(1, &["returned the code 1"]);
}

#[test]
fn verbose_tells_the_times_on_standard_error() {
    let world = World::new();
    let run = world.run(["call", &wat("echo"), "echo", "-i", "x", "-v"]);
    assert_eq!(run.ok(), "x");
    assert!(run.stderr.contains("note: loaded `echo` in "), "{}", run.stderr);
    assert!(run.stderr.contains("note: called `echo` in "), "{}", run.stderr);
    let run = world.run(["call", &wat("echo"), "echo", "--repeat", "5", "--verbose"]);
    assert!(run.stderr.contains("called `echo` 5 times in "), "{}", run.stderr);
    world.run(["call", &wat("echo"), "echo", "-v", "-q"]).fails(1, &["--quiet"]);
}

#[test]
fn modules_are_linked_by_name() {
    let world = World::new();
    let link = format!("library={}", wat("linked_library"));
    assert_eq!(world.run(["call", &wat("linked_main"), "shout", "-i", "abc", "--link", &link]).ok(), "ABC");
    // A file alone is linked under its own name.
    world.file("library.wat", std::fs::read(wat("linked_library")).unwrap());
    assert_eq!(
        world.run(["call", &wat("linked_main"), "shout", "-i", "abc", "--link", "library.wat"]).ok(),
        "ABC"
    );
    world.run(["call", &wat("linked_main"), "shout", "--link", "=x"]).fails(1, &["--link", "NAME=FILE"]);
}
