//! `plugwright new`. That its projects build and pass their tests is a step of `cargo xtask test`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use plugwright::Plugin;

use crate::support::World;

const LANGUAGES: [&str; 7] = ["rust", "go", "c", "zig", "assemblyscript", "js", "ts"];

/// All files below a folder, by their paths from there.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|file| format!("{name}/{file}")));
        } else {
            found.insert(name);
        }
    }
    found
}

#[test]
fn a_project_in_each_language() {
    let world = World::new();
    for language in LANGUAGES {
        for flag in [None, Some("--with-host-fn")] {
            let name = format!("{language}-{}", flag.is_some());
            let run = world.run(["new", &name, "--lang", language, "--json"].into_iter().chain(flag));
            let json = run.json();
            assert_eq!(
                (&json["folder"], &json["name"], &json["language"]),
                (&name.as_str().into(), &name.as_str().into(), &language.into())
            );
            let listed: BTreeSet<String> = serde_json::from_value(json["files"].clone()).unwrap();
            assert_eq!(listed, files(&world.dir.path().join(&name)));

            for file in ["README.md", ".gitignore", "plugwright.toml"] {
                assert!(listed.contains(file), "{name}: {file}");
            }
            assert!(listed.iter().any(|file| file.starts_with("pdk/")), "{name}");
            assert_eq!(listed.contains("host.wat"), flag.is_some(), "{name}");
            let readme = String::from_utf8(world.read(&format!("{name}/README.md"))).unwrap();
            assert!(readme.starts_with(&format!("# {name}\n")), "{readme}");
            assert!(readme.contains(&format!("plugwright call {name}.wasm greet")), "{readme}");
        }
    }
}

#[test]
fn what_people_are_told() {
    let world = World::new();
    let run = world.run(["new", "plugins/hello", "-l", "c"]);
    assert_eq!(run.ok(), "");
    assert!(
        run.stderr.contains("plugins/hello/README.md") && run.stderr.contains("plugwright build"),
        "{}",
        run.stderr
    );
    assert!(
        String::from_utf8(world.read("plugins/hello/plugwright.toml")).unwrap().contains("\"hello.wasm\"")
    );
    assert_eq!(world.run(["new", "quiet", "-l", "as", "--quiet"]).stderr, "");
    assert!(world.run(["new", "x"]).stderr.contains("--lang <LANG>"));
    let run = world.run(["new", "x", "--lang", "cobol"]);
    run.fails(1, &["cobol"]);
    assert!(run.stderr.contains("assemblyscript"), "{}", run.stderr);
}

#[test]
fn nothing_is_overwritten() {
    let world = World::new();
    fs::create_dir(world.dir.path().join("empty")).unwrap();
    world.run(["new", "empty", "--lang", "rust"]).ok();

    fs::create_dir(world.dir.path().join("full")).unwrap();
    world.file("full/README.md", "mine");
    world.run(["new", "full", "--lang", "rust"]).fails(1, &["`full` is not empty", "stays as it is"]);
    assert_eq!(files(&world.dir.path().join("full")), BTreeSet::from(["README.md".to_owned()]));
    assert_eq!(world.read("full/README.md"), b"mine");

    world.file("file", "mine");
    world.run(["new", "file", "--lang", "rust"]).fails(1, &["`file` is a file"]);
    assert_eq!(world.read("file"), b"mine");
}

#[test]
fn names_that_some_tool_refuses() {
    let world = World::new();
    for (name, instead) in
        [("Hello", "hello"), ("plugin", "my-plugin"), ("test", "my-test"), ("..", "hello"), ("a b", "a-b")]
    {
        world
            .run(["new", name, "--lang", "go"])
            .fails(1, &["cannot be the name", &format!("try `{instead}`")]);
    }
    assert_eq!(world.run(["new", "fn", "--lang", "go", "--json"]).json_error()["kind"], "Usage");
    assert!(files(world.dir.path()).is_empty());
}

/// Greets with what the host stores under `greeting`, and with nothing else.
const GREETER: &str = r#"(module
  (import "extism:host/user" "kv_read" (func $read (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "greet") (result i32) (local $key i64) (local $value i64)
    (local.set $key (call $alloc (i64.const 8)))
    (call $store (local.get $key) (i64.const 0x676e697465657267))
    (local.set $value (call $read (local.get $key)))
    (call $output (local.get $value) (call $length (local.get $value)))
    (i32.const 0)))"#;

#[test]
fn the_host_of_the_readme_works() {
    fn greet() -> plugwright::Result<String> {
        let mut plugin = Plugin::builder(GREETER.as_bytes())
            .wasi(true)
            .host_fn("kv_read", |key: String| (key == "greeting").then_some("Good day"))
            .build()?;
        let greeting: String = plugin.call("greet", "Ada")?;
        Ok(greeting)
    }
    assert_eq!(greet().unwrap(), "Good day");

    let world = World::new();
    world.run(["new", "greeter", "--lang", "go", "--with-host-fn"]).ok();
    let readme = String::from_utf8(world.read("greeter/README.md")).unwrap();
    let (_, example) = readme.split_once("```rust\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    assert_eq!(example.lines().count(), 5, "{example}");
    for line in example.lines().skip(1) {
        assert!(include_str!("new.rs").contains(&format!("{}\n", line.trim())), "not tested: {line}");
    }
}

#[test]
fn host_wat_stands_for_a_host() {
    let world = World::new();
    world.run(["new", "greeter", "--lang", "c", "--with-host-fn"]).ok();
    world.file("greeter.wat", GREETER);
    let call = ["call", "greeter.wat", "greet", "--link", "extism:host/user=greeter/host.wat"];
    assert_eq!(world.run(call).ok(), "Good day");
}

/// The code blocks of a page, each with what its first line says about it.
fn code_blocks(page: &str) -> Vec<(&str, &str)> {
    let blocks = page.split("\n```").collect::<Vec<_>>();
    blocks.chunks(2).filter_map(|pair| pair.get(1)?.split_once('\n')).collect()
}

/// The commands that a README begins with.
fn commands(readme: &str) -> String {
    let blocks = code_blocks(readme);
    let (_, commands) = blocks.iter().find(|(kind, _)| *kind == "sh").unwrap();
    (*commands).to_owned()
}

#[test]
fn the_guide_shows_what_is_written() {
    let world = World::new();
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/new-plugin.md");
    let guide = fs::read_to_string(guide).unwrap();
    let mut sources = String::new();
    let mut procedures = BTreeSet::new();
    for language in LANGUAGES {
        for flag in ["", " --with-host-fn"] {
            let folder = format!("{language}{flag}/hello");
            world.run(["new", &folder, "--lang", language].into_iter().chain(flag.split_whitespace())).ok();
            let packages = if language == "assemblyscript" { "npm install\n" } else { "" };
            let commands = commands(&String::from_utf8(world.read(&format!("{folder}/README.md"))).unwrap());
            procedures.insert(format!(
                "plugwright new hello --lang {language}{flag}\ncd hello\n{packages}{commands}"
            ));
            let files =
                files(&world.dir.path().join(&folder)).into_iter().filter(|file| !file.starts_with("pdk/"));
            sources.extend(
                files.map(|file| String::from_utf8(world.read(&format!("{folder}/{file}"))).unwrap()),
            );
        }
    }
    let blocks = code_blocks(&guide);
    assert_eq!(blocks.iter().filter(|(kind, _)| *kind == "sh").count(), LANGUAGES.len() + 1);
    for (kind, block) in blocks {
        match kind {
            "text" => assert_eq!(block, "Hi, Ada!"),
            "sh" => assert!(
                procedures.contains(&format!("{block}\n")) || procedures.contains(block),
                "{block}\n{procedures:?}"
            ),
            _ => assert!(sources.contains(block), "no project has: {block}"),
        }
    }
}
