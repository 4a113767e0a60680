//! Ready-made host functions, from the command line and from `plugwright.toml`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::serve::Served;
use crate::support::World;

fn guest(name: &str) -> String {
    format!("{}/../../guests/build/{name}.wasm", env!("CARGO_MANIFEST_DIR"))
}

/// What a command prints, or says when it fails.
fn run(world: &World, args: &[&str]) -> (bool, String) {
    let output = world.command().args(args).output().expect("the command starts");
    let said = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8(said).expect("it says text"))
}

#[test]
fn the_article_s_three_lines() {
    let world = World::new();
    let simple = guest("go_say_hello");
    let (done, said) = run(
        &world,
        &[
            "call",
            &simple,
            "say_hello",
            "--wasi",
            "--input",
            "Jane Doe",
            "--memory-map",
            "hello=👋 Hello World 🌍",
            "--memory-map",
            "message=I 💜 Extism 😍",
        ],
    );
    assert!(done, "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    for text in ["Jane Doe", "👋 Hello World 🌍", "I 💜 Extism 😍"] {
        assert!(said.contains(text), "no {text} in {said}");
    }
}

#[test]
fn a_store_is_there_for_the_next_call() {
    let world = World::new();
    let (store, file) = (guest("rust_pdk_store"), world.path("data.redb"));
    let call = |input: &str, more: &[&str]| {
        let args = ["call", &store, "run", "--input", input, "--kv", &file];
        run(&world, &[&args[..], more].concat())
    };
    assert_eq!(call(r#"[["set","a","1"]]"#, &[]), (true, "[null]".to_owned()));
    assert_eq!(call(r#"[["get","a"]]"#, &[]), (true, r#"["1"]"#.to_owned()));
    assert_eq!(call(r#"[["get","a"]]"#, &["--namespace", "rust_pdk_store"]), (true, r#"["1"]"#.to_owned()));
    assert_eq!(call(r#"[["get","a"]]"#, &["--namespace", "other"]), (true, "[null]".to_owned()));
}

#[test]
fn flags_that_make_no_sense_are_explained() {
    let world = World::new();
    let store = guest("rust_pdk_store");
    let refused = |flags: &[&str]| {
        let (done, said) = run(&world, &[&["call", &store, "run", "--input", "[]"][..], flags].concat());
        assert!(!done, "{flags:?} were taken");
        said
    };
    assert!(refused(&["--kv", "memory", "--namespace", "No Name"]).contains("--namespace"));
    assert!(refused(&["--namespace", "a"]).contains("--kv"));
    let said = refused(&["--kv", "redis://:hunter2@localhost"]);
    assert!(said.contains("--kv env:NAME") && !said.contains("hunter2"), "{said}");
    // Advice for files means nothing here.
    assert!(!said.contains("url_env") && !said.contains("password_"), "{said}");
    assert!(
        refused(&["--messaging", "nats://h", "--namespace", "plugwright-cancel"])
            .contains("--namespace gives one")
    );
    assert!(refused(&["--kv", "http://localhost"]).contains("--kv"));
    assert!(refused(&["--kv", "env:PLUGWRIGHT_NO_SUCH_VARIABLE"]).contains("PLUGWRIGHT_NO_SUCH_VARIABLE"));
    assert!(refused(&["--kv", &world.path("missing/data.redb")]).contains("check the path"));
    assert!(refused(&[]).contains("kv_"), "an import that nobody provides");
}

#[test]
fn a_server_lends_what_its_flags_say() {
    let world = World::new();
    let (store, file) = (guest("rust_pdk_store"), world.path("data.redb"));
    let served = Served::start(&world, &[&store, "run", "--kv", &file, "--namespace", "shop"]);
    assert_eq!(served.output("/", r#"[["set","a","1"]]"#), "[null]");
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
    // What is served is what is called.
    let args = ["call", &store, "run", "--input", r#"[["get","a"]]"#, "--kv", &file, "--namespace", "shop"];
    assert_eq!(run(&world, &args), (true, r#"["1"]"#.to_owned()));

    // Each plug-in of a folder has a place of its own.
    let folder = world.path("plugins");
    fs::create_dir(&folder).unwrap();
    for name in ["one", "two"] {
        fs::copy(&store, Path::new(&folder).join(format!("{name}.wasm"))).unwrap();
    }
    fs::copy(guest("go_pdk_database"), Path::new(&folder).join("three.wasm")).unwrap();
    let data = world.path("data");
    let served = Served::start(&world, &[&folder, "--wasi", "--kv", "memory", "--sql", &data]);
    served.output("/one/run", r#"[["set","a","1"]]"#);
    assert_eq!(served.output("/one/run", r#"[["get","a"]]"#), r#"["1"]"#);
    assert_eq!(served.output("/two/run", r#"[["get","a"]]"#), "[null]");
    assert_eq!(served.output("/three/run", r#"[["query","SELECT 1 AS n",[]]]"#), r#"[[{"n":1}]]"#);
    assert!(Path::new(&data).join("three.sqlite").exists());
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn a_server_explains_flags_that_make_no_sense() {
    let world = World::new();
    let (store, file) = (guest("rust_pdk_store"), world.path("plugwright.toml"));
    fs::write(&file, "[serve]\n").unwrap();
    fs::copy(&store, world.path("No Name.wasm")).unwrap();
    for (args, words) in [
        (vec![&*file, "--kv", "memory"], vec!["--kv", "plugwright.toml"]),
        (vec!["nats:shop", "run", "--kv", "memory"], vec!["workers"]),
        (vec![&*store, "run", "--namespace", "shop"], vec!["--kv"]),
        (vec![&*store, "run", "--kv", "redis://:hunter2@localhost"], vec!["env:NAME"]),
        (vec![&*store, "run", "--kv", "missing/data.redb"], vec!["--kv", "check the path"]),
        (vec!["No Name.wasm", "run", "--kv", "memory"], vec!["--namespace"]),
    ] {
        let (done, said) = run(&world, &[&["serve", "--port", "0"], &args[..]].concat());
        assert!(!done, "{args:?} were taken");
        for word in words {
            assert!(said.contains(word) && !said.contains("hunter2"), "no `{word}` in {said}");
        }
    }
}

#[test]
fn what_is_wrong_in_the_file_is_named_with_its_line() {
    let world = World::new();
    let file = world.path("plugwright.toml");
    let plugin = format!(
        "[serve.plugins.shop]\npath = \"{}\"\n[serve.plugins.shop.capabilities]\n",
        guest("rust_pdk_store")
    );
    for (text, words) in [
        (
            "[capabilities.data]\nkind = \"kv\"\nbackend = \"redb\"\n[serve]\n",
            vec!["line 1", "store `data`", "`path`"],
        ),
        (
            "[capabilities.data]\nkind = \"kv\"\nbackend = \"memory\"\nsize = 1\n[serve]\n",
            vec!["line 4", "size"],
        ),
        ("[capabilities.data]\nkind = \"sql\"\nbackend = \"memory\"\n[serve]\n", vec!["line 3", "`backend`"]),
        (
            "[capabilities.other]\nkind = \"kv\"\nbackend = \"memory\"\n[serve]\n",
            vec!["line 8", "kv.from", "other"],
        ),
    ] {
        fs::write(&file, format!("{text}{plugin}kv = {{ from = \"data\" }}\n")).unwrap();
        let (done, said) = run(&world, &["serve", &file, "--port", "0"]);
        assert!(!done, "{text} was taken");
        for word in words {
            assert!(said.contains(word), "no `{word}` in {said}");
        }
    }
}

/// What curl, which the README uses, says about a path, with these arguments.
fn curl(served: &Served, path: &str, arguments: &[&str]) -> String {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error"]).args(arguments).arg(served.url(path));
    let output = curl.output().expect("curl starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("curl prints text")
}

#[test]
fn the_url_shortener_does_what_its_readme_says() {
    let world = World::new();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/url-shortener");
    for name in ["shortener.js", "plugwright.toml"] {
        fs::copy(example.join(name), world.path(name)).unwrap();
    }
    let readme = fs::read_to_string(example.join("README.md")).unwrap();
    let commands: Vec<&str> = readme
        .lines()
        .skip_while(|line| *line != "```sh")
        .skip(1)
        .take_while(|line| *line != "```")
        .collect();
    assert!(commands.len() <= 5);
    let (source, toml) = (world.path("shortener.js"), world.path("plugwright.toml"));
    assert_eq!(commands[..2], ["plugwright build shortener.js", "plugwright serve plugwright.toml &"]);
    let (done, said) = run(&world, &["build", "--quiet", &source, "--output", &world.path("shortener.wasm")]);
    assert!(done, "{said}");
    let served = Served::start(&world, &[&toml]);
    let shown: Vec<String> = commands[2..]
        .iter()
        .map(|command| {
            let words: Vec<&str> = command.split(' ').collect();
            let (url, arguments) = words[1..].split_last().unwrap();
            curl(&served, url.strip_prefix("http://127.0.0.1:8080").unwrap(), arguments).trim_end().to_owned()
        })
        .collect();
    assert_eq!(shown, ["/1", "https://example.com/a/long/address", "1"]);
    for text in &shown {
        assert!(readme.contains(&format!("`{text}`")), "the README does not show `{text}`");
    }
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
    // The links outlive the server.
    let served = Served::start(&world, &[&toml]);
    assert_eq!(curl(&served, "/1", &[]).trim_end(), "https://example.com/a/long/address");
    assert!(curl(&served, "/2", &["--include"]).starts_with("HTTP/1.1 404"));
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
}
