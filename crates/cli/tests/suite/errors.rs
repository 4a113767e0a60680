//! How errors are told: exit codes, lines for people, JSON for machines.

use serde_json::{Value, json};

use crate::support::{CODES, World, wat};

#[test]
fn the_exit_code_is_the_plugins_own_when_it_is_1_to_125() {
    let world = World::new();
    world.file("codes.wat", CODES);
    for (function, code) in [
        ("three", 3),
        ("one_hundred_and_twenty_five", 125),
        ("one_hundred_and_twenty_six", 1),
        ("minus_one", 1),
    ] {
        world.run(["call", "codes.wat", function]).fails(code, &[function]);
    }
    assert_eq!(world.run(["call", "codes.wat", "ok"]).code, Some(0));
}

#[test]
fn the_plugins_message_is_one_harmless_line() {
    let world = World::new();
    world.file("codes.wat", CODES);
    let message = "no\nerror: forged\n\u{1b}[2Jescape";
    let run = world.run(["call", "codes.wat", "three_and_input", "-i", message]);
    let error = run.fails(3, &["no; error: forged; ", "[2Jescape", "(code 3)"]);
    assert_eq!(error, run.stderr.trim_end());
    assert!(!error.contains(char::is_control), "{error:?}");
}

#[test]
fn a_trap_shows_where_it_happened() {
    let world = World::new();
    world.file(
        "deep.wat",
        r#"(module
             (func $inner (unreachable)) (func $outer (call $inner))
             (func (export "run") (call $outer)))"#,
    );
    let run = world.run(["call", "deep.wat", "run"]);
    run.fails(1, &["inner", "unreachable"]);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert!(lines[1].contains("0: inner") && lines[2].contains("1: outer"), "{lines:?}");
}

#[test]
fn a_long_backtrace_is_shortened_unless_verbose() {
    let world = World::new();
    let run = world.run(["call", &wat("traps"), "infinite_recursion"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("more; --verbose shows them"), "{}", run.stderr);
    let short = run.stderr.lines().count();
    let verbose = world.run(["call", &wat("traps"), "infinite_recursion", "-v"]);
    assert!(verbose.stderr.lines().count() > short);
}

#[test]
fn missing_host_functions_come_before_missing_wasi() {
    let world = World::new();
    world.file(
        "both.wat",
        r#"(module
             (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
             (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
             (import "env" "lookup" (func (param i64) (result i64)))
             (func (export "run")))"#,
    );
    let words = [
        "an import that nothing provides: `env.lookup` (i64) -> i64;",
        "also needs WASI, for `proc_exit` and 1 more",
    ];
    world.run(["call", "both.wat", "run"]).fails(1, &words);
}

#[test]
fn what_a_flag_lends_is_asked_for_by_the_flag() {
    let world = World::new();
    let needs = |imports: &[(&str, &str)], words: &[&str]| {
        let imports: String = imports
            .iter()
            .map(|(module, name)| format!(r#"(import "{module}" "{name}" (func (param i64) (result i64)))"#))
            .collect();
        world.file("needs.wat", format!(r#"(module {imports} (func (export "run")))"#));
        world.run(["call", "needs.wat", "run"]).fails(1, words).to_owned()
    };
    let user = "extism:host/user";
    for (function, flag) in [
        ("kv_get", "--kv STORE"),
        ("sql_begin", "--sql STORE"),
        ("messaging_publish", "--messaging BROKER"),
        ("hostMemoryGet", "--memory-map KEY=VALUE"),
    ] {
        let said = needs(&[(user, function)], &[&format!("needs `{function}`: add {flag}")]);
        assert!(!said.contains("--link"), "{said}");
        needs(&[("env", function)], &[flag]);
    }
    let many = [
        ("env", "sql_begin"),
        (user, "kv_get"),
        (user, "kv_delete"),
        ("wasi_snapshot_preview1", "sched_yield"),
    ];
    let words = ["`kv_get` and 1 more function: add --kv STORE", "`sql_begin`: add --sql STORE"];
    needs(&many, &words);
    // The names of others may begin alike.
    let words = [
        "nothing provides: `extism:host/user.kv_read` (i64) -> i64;",
        "--link",
        "also needs `kv_get`: add --kv",
    ];
    needs(&[(user, "kv_read"), (user, "kv_get")], &words);
    assert!(!needs(&[("other", "kv_get")], &["--link"]).contains("--kv"));
    // The flag is there, and the function is another one.
    world.file("needs.wat", r#"(module (import "env" "kv_get" (func (param i32))) (func (export "run")))"#);
    let run = world.run(["call", "needs.wat", "run", "--kv", "memory"]);
    assert!(!run.fails(1, &["env.kv_get"]).contains("add --kv"));
}

#[test]
fn errors_as_json() {
    let world = World::new();
    world.file("codes.wat", CODES);
    let run = world.run(["call", "codes.wat", "three_and_input", "-i", "two\nlines", "--json"]);
    assert_eq!(run.code, Some(3));
    let expected = json!({
        "kind": "Guest", "message": "two\nlines", "plugin": "codes", "function": "three_and_input", "code": 3, "backtrace": null
    });
    assert_eq!(run.json_error(), expected);

    let trap = world.run(["--json", "call", &wat("traps"), "unreachable"]).json_error();
    assert_eq!((&trap["kind"], &trap["code"]), (&json!("Trap"), &Value::Null));
    assert!(trap["backtrace"][0]["offset"].is_u64(), "{trap}");

    let exit = world.run(["call", &wat("wasi_exit"), "exit_3", "--wasi", "--json"]).json_error();
    assert_eq!((&exit["kind"], &exit["code"]), (&json!("Exit"), &json!(3)));

    let link = world.run(["call", &wat("imports_unsatisfied"), "run", "--json"]).json_error();
    assert_eq!(link["kind"], "Link");
    assert_eq!(link["missing"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        link["missing"][1],
        json!({"module": "env", "name": "neither_this", "type": "() -> ()", "hint": null})
    );

    let function = world.run(["call", &wat("count_vowels"), "count_vowel", "--json"]).json_error();
    assert_eq!(
        (&function["kind"], &function["nearest"]),
        (&json!("FunctionNotFound"), &json!(["count_vowels"]))
    );
}

#[test]
fn every_error_is_json_when_asked() {
    let world = World::new();
    world.file("bad.json", r#"{"wasm": []}"#);
    world.file("text.wasm", "hello");
    for (args, kind) in [
        (&["call", "none.wasm", "f", "--json"][..], "Load"),
        (&["call", "bad.json", "f", "--json"], "InvalidManifest"),
        (&["call", "text.wasm", "f", "--json"], "Compile"),
        (&["inspect", "text.wasm", "--json"], "Compile"),
        (&["inspect", "none.wasm", "--json"], "Load"),
        (&["manifest", "check", "bad.json", "--json"], "InvalidManifest"),
        (&["call", "x.wasm", "--json"], "Usage"),
        (&["call", "x.wasm", "f", "--json", "--no-such-flag"], "Usage"),
        (&["compile", &wat("echo"), "-o", "no/such/folder", "--json"], "Io"),
    ] {
        let run = world.run(args);
        assert_eq!(run.code, Some(1), "{args:?}");
        let error = run.json_error();
        assert_eq!(error["kind"], kind, "{error}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
    }
}

#[test]
fn colour_is_only_for_terminals() {
    let world = World::new();
    let plain = world.run(["call", "none.wasm", "f"]);
    assert!(!plain.stderr.contains('\u{1b}'));
    let mut command = world.command();
    let forced = command.args(["call", "none.wasm", "f"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(String::from_utf8(forced.stderr).unwrap().contains("\u{1b}["));
}
