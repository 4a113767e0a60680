//! Command lines of the public `extism` command, with the name changed.

use crate::support::{CONFIG, World, wat};

#[test]
fn its_flags_are_understood() {
    let world = World::new();
    world.file("plugin.wat", CONFIG);
    let every = [
        "--input",
        "key",
        "--loop",
        "1",
        "--wasi",
        "--allow-path",
        ".:/data",
        "--allow-host",
        "*.example.com",
        "--timeout",
        "60000",
        "--memory-max",
        "100",
        "--http-response-max",
        "1024",
        "--var-max",
        "-1",
        "--config",
        "key=value",
        "--set-config",
        r#"{"other": "x"}"#,
        "--log-level",
        "info",
    ];
    assert_eq!(world.run(["call", "plugin.wat", "get"].iter().chain(&every)).ok(), "value");
    // Flags may come first, and with `=`.
    let flags = ["call", "--input=key", "--config=key=value", "--timeout=60000", "plugin.wat", "get"];
    assert_eq!(world.run(flags).ok(), "value");
}

#[test]
fn its_way_of_naming_a_manifest() {
    let world = World::new();
    world.file("m.json", format!(r#"{{"wasm": [{{"path": {:?}}}]}}"#, wat("count_vowels")));
    for args in [
        ["call", "m.json", "count_vowels", "-m", "-i", "aa"],
        ["call", "-m", "m.json", "count_vowels", "-i", "aa"],
    ] {
        assert_eq!(world.run(args).ok(), "{\"count\":2}");
    }
}

#[test]
fn its_standard_input() {
    let run =
        World::new().run_with_input(["call", &wat("count_vowels"), "count_vowels", "--stdin"], b"aeiou");
    assert_eq!(run.ok(), "{\"count\":5}");
}
