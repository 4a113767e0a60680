//! `plugwright compile`, and running what it wrote.

use crate::support::{World, wat};

#[test]
fn compiled_code_runs_when_trusted() {
    let world = World::new();
    let run = world.run(["compile", &wat("count_vowels"), "-o", "x.cwasm"]);
    assert_eq!(run.ok(), "");
    assert!(
        run.stderr.contains("note: wrote ") && run.stderr.contains("--trust-compiled x.cwasm"),
        "{}",
        run.stderr
    );
    let call = ["call", "x.cwasm", "count_vowels", "-i", "aeiou"];
    assert_eq!(world.run(call.iter().chain(&["--trust-compiled"])).ok(), "{\"count\":5}");
    assert_eq!(
        world.run(["call", "--trust-compiled", "x.cwasm", "count_vowels", "-i", "a"]).ok(),
        "{\"count\":1}"
    );
    world.run(call).fails(1, &["compiled code", "all your rights", "--trust-compiled"]);
}

#[test]
fn the_flag_is_only_for_compiled_code() {
    let world = World::new();
    let run = world.run(["call", "--trust-compiled", &wat("echo"), "echo"]);
    run.fails(1, &["not compiled code", "plugwright compile"]);
    world.run(["call", "--trust-compiled", "http://127.0.0.1:1/x.cwasm", "f"]).fails(1, &["from a file"]);
    world
        .run(["call", "--trust-compiled", "-m", "x.cwasm", "f"])
        .fails(1, &["--trust-compiled", "--manifest"]);
    let linked = ["call", "--trust-compiled", "--link", "a=b.wasm", "x.cwasm", "f"];
    world.run(linked).fails(1, &["--trust-compiled", "--link"]);
}

#[test]
fn damaged_compiled_code_is_refused() {
    let world = World::new();
    world.run(["compile", &wat("echo"), "-o", "x.cwasm", "-q"]).ok();
    let code = world.read("x.cwasm");
    world.file("cut.cwasm", &code[..code.len() / 2]);
    world.run(["call", "--trust-compiled", "cut.cwasm", "echo"]).fails(1, &["plugwright compile"]);
    world.file("head.cwasm", "PLUGWRGT");
    world.run(["call", "--trust-compiled", "head.cwasm", "echo"]).fails(1, &["plugwright compile"]);
}

#[test]
fn host_functions_need_not_be_there_to_compile() {
    let world = World::new();
    assert_eq!(world.run(["compile", &wat("host_functions"), "-o", "x.cwasm", "--quiet"]).stderr, "");
    let run = world.run(["call", "--trust-compiled", "x.cwasm", "kv_read"]);
    run.fails(1, &["no flag lends such a function"]);
}

#[test]
fn all_modules_are_compiled_into_one_file() {
    let world = World::new();
    let link = format!("library={}", wat("linked_library"));
    world.run(["compile", &wat("linked_main"), "--link", &link, "-o", "x.cwasm", "--no-cache"]).ok();
    assert_eq!(world.run(["call", "--trust-compiled", "x.cwasm", "shout", "-i", "abc"]).ok(), "ABC");
}

#[test]
fn code_that_counts_fuel() {
    let world = World::new();
    world.run(["compile", &wat("spin"), "-o", "fuel.cwasm", "--fuel"]).ok();
    world.run(["compile", &wat("spin"), "-o", "plain.cwasm"]).ok();
    let call = |file: &str| world.run(["call", "--trust-compiled", file, "spin", "--fuel", "10000"]);
    call("fuel.cwasm").fails(1, &["fuel"]);
    call("plain.cwasm").fails(1, &["plugwright compile"]);
}

#[test]
fn the_result_as_json() {
    let world = World::new();
    let json = world.run(["compile", &wat("echo"), "-o", "x.cwasm", "--json"]).json();
    assert_eq!(json["file"], "x.cwasm");
    assert_eq!(json["size_bytes"].as_u64(), Some(world.read("x.cwasm").len() as u64));
}

#[test]
fn bad_input() {
    let world = World::new();
    world.file("hello.wasm", "hello");
    world.run(["compile", "hello.wasm", "-o", "x.cwasm"]).fails(1, &["not WebAssembly"]);
    assert!(!world.dir.path().join("x.cwasm").exists());
    world.run(["compile", "hello.wasm"]).fails(1, &["required"]);
}

#[test]
fn a_snapshot_starts_up_once() {
    let world = World::new();
    world.run(["compile", &wat("snapshot_counter"), "-o", "x.cwasm", "--snapshot", "--no-cache"]).ok();
    let call = |function: &str| world.run(["call", "--trust-compiled", "x.cwasm", function]);
    assert_eq!(call("check").ok(), "");
    assert_eq!(call("count").ok(), "6");
    assert_eq!(call("count").ok(), "6");
    call("_initialize").fails(1, &["no such function"]);
}

#[test]
fn a_snapshot_freezes_what_is_allowed() {
    let world = World::new();
    let guest = wat("snapshot_reads_system");
    let compile = ["compile", &guest, "-o", "x.cwasm", "--no-cache", "--snapshot", "--env", "A=frozen!"];
    let advice = "--snapshot-freezes clock,random,environment,arguments";
    world.run(compile).fails(1, &["snapshot_reads_system", "reads the clock, random numbers", advice]);
    let some = world.run(compile.iter().chain(&["--snapshot-freezes", "clock,random"]));
    some.fails(1, &["--snapshot-freezes environment,arguments"]);
    let json = world.run(compile.iter().chain(&["--json"])).json_error();
    assert_eq!(json["kind"], "Snapshot");
    world.run(compile.iter().chain(&["--snapshot-freezes", "clock,random,environment,arguments"])).ok();
    let call = ["call", "--trust-compiled", "x.cwasm", "environment", "--wasi", "--env", "A=another"];
    assert_eq!(world.run(call).ok(), "A=frozen");
}

#[test]
fn a_snapshot_that_cannot_be_made() {
    let world = World::new();
    let compile = |guest: &str| world.run(["compile", &wat(guest), "-o", "x.cwasm", "--snapshot"]);
    compile("snapshot_calls_host").fails(1, &["`_initialize`", "`extism:host/env.log_info`"]);
    compile("snapshot_writes_output").fails(1, &["said: ready"]);
    let endless = ["compile", &wat("hazard_06_loop_in_start"), "-o", "x.cwasm", "--snapshot"];
    world.run(endless.iter().chain(&["--snapshot-timeout", "1ms"])).fails(124, &["did not end within 1ms"]);
    assert!(!world.dir.path().join("x.cwasm").exists());
    world.run(["compile", &wat("echo"), "-o", "x.cwasm", "--env", "A=b"]).fails(1, &["required"]);
}
