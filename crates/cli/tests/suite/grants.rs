//! What a plug-in may use: config, hosts, folders.

use crate::support::{CONFIG, World, serve, wat};

#[test]
fn config_comes_from_flags_json_and_files() {
    let world = World::new();
    world.file("plugin.wat", CONFIG);
    world.file("c.json", r#"{"key": "json file", "other": "x"}"#);
    world.file("c.toml", "key = \"toml file\"\n");
    for (flags, value) in [
        (&[][..], ""),
        (&["--config", "key=flag"], "flag"),
        (&["--config", "key=a=b"], "a=b"),
        (&["--config", "key"], ""),
        (&["--config", "key=first", "--config", "key=second"], "second"),
        (&["--set-config", r#"{"key": "json"}"#], "json"),
        (&["--config-file", "c.json"], "json file"),
        (&["--config-file", "c.toml"], "toml file"),
        (&["--config-file", "c.json", "--set-config", r#"{"key": "json"}"#], "json"),
        (&["--config", "key=flag", "--set-config", r#"{"key": "json"}"#], "flag"),
    ] {
        let args = ["call", "plugin.wat", "get", "-i", "key"];
        assert_eq!(world.run(args.iter().chain(flags)).ok(), value, "{flags:?}");
    }
}

#[test]
fn config_of_flags_comes_before_that_of_a_manifest() {
    let world = World::new();
    world.file("plugin.wat", CONFIG);
    world.file("m.toml", "[[wasm]]\npath = \"plugin.wat\"\n[config]\nkey = \"manifest\"\n");
    assert_eq!(world.run(["call", "m.toml", "get", "-i", "key"]).ok(), "manifest");
    assert_eq!(world.run(["call", "m.toml", "get", "-i", "key", "--config", "key=flag"]).ok(), "flag");
}

#[test]
fn bad_config_is_explained() {
    let world = World::new();
    world.file("plugin.wat", CONFIG);
    world.file("number.toml", "retries = 3\n");
    world.file("list.json", "[1]");
    world.file("broken.json", "{\"a\": ");
    for (flags, words) in [
        (["--config", "=x"], &["--config", "KEY=VALUE"][..]),
        (["--set-config", "{"], &["--set-config", "not valid JSON"]),
        (["--set-config", "[]"], &["--set-config", "object of strings"]),
        (["--set-config", r#"{"a": 1}"#], &["`a` is 1", "strings"]),
        (["--config-file", "none"], &["cannot read the config `none`"]),
        (["--config-file", "number.toml"], &["number.toml", "`retries` is 3"]),
        (["--config-file", "list.json"], &["list.json", "object of strings"]),
        (["--config-file", "broken.json"], &["broken.json", "not valid JSON"]),
    ] {
        world.run(["call", "plugin.wat", "get"].iter().chain(&flags)).fails(1, words);
    }
}

#[test]
fn hosts_are_allowed_one_by_one() {
    let world = World::new();
    let url = serve(vec![("/hello", b"Hello from there".to_vec())]);
    let request = format!(r#"{{"url": "{url}/hello"}}"#);
    let args = ["call", &wat("abi_http"), "request", "-i", &request];
    world.run(args).fails(1, &["127.0.0.1", "allowed_hosts"]);
    world.run(args.iter().chain(&["--allow-host", "example.com"])).fails(1, &["127.0.0.1"]);
    for host in ["127.0.0.1", "*"] {
        assert_eq!(world.run(args.iter().chain(&["--allow-host", host])).ok(), "Hello from there");
    }
}

#[test]
fn response_headers_are_shown_when_allowed() {
    let world = World::new();
    let url = serve(vec![("/hello", b"x".to_vec())]);
    let request = format!(r#"{{"url": "{url}/hello"}}"#);
    let args = ["call", &wat("abi_http"), "headers", "-i", &request, "--allow-host", "127.0.0.1"];
    assert_eq!(world.run(args).ok(), "");
    for flag in ["--allow-http-response-headers", "--enable-http-response-headers"] {
        assert!(world.run(args.iter().chain(&[flag])).ok().contains(r#""x-test":"yes""#));
    }
}

#[test]
fn folders_are_shown_read_write_or_read_only() {
    let world = World::new();
    std::fs::create_dir(world.dir.path().join("data")).unwrap();
    world.file("data/there", "x");
    let run = |function: &str, path: &str, spec: &str| {
        world.run(["call", &wat("wasi_file"), function, "-i", path, "--wasi", "--allow-path", spec])
    };
    assert_eq!(run("open_to_read", "there", "data:/mnt").code, Some(0));
    assert_eq!(run("open_to_read", "there", "data").code, Some(0));
    assert_eq!(run("open_to_read", "there", "ro:data:/mnt").code, Some(0));
    assert_eq!(run("create", "new", "data:/mnt").code, Some(0));
    assert!(world.dir.path().join("data/new").exists());
    // Which of several codes for it the guest sees is not our business.
    assert_ne!(run("create", "denied", "ro:data:/mnt").code, Some(0));
    assert!(!world.dir.path().join("data/denied").exists());
    run("open_to_read", "there", "none:/mnt").fails(1, &["none", "allowed_paths"]);
    run("open_to_read", "there", ":/mnt").fails(1, &["--allow-path", "host path is empty"]);
}
