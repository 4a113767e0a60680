//! WASI: standard streams, environment, arguments, exit codes.

use crate::support::{World, wat};

/// Commands: one copies its standard input to its standard output, one answers on both streams and exits with 3.
const CAT: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "_start")
    (block $end
      (loop $next
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.const 65536))
        (br_if $end (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $end (i32.eqz (i32.load (i32.const 8))))
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (br_if $end (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br $next)))))"#;

/// Answers with the environment, and with the arguments; each string ends with a zero byte.
const LISTS: &str = r#"(module
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 1)
  (func $answer (param $size i32) (local $block i64) (local $i i32)
    (local.set $block (call $alloc (i64.extend_i32_u (local.get $size))))
    (block $end
      (loop $next
        (br_if $end (i32.eq (local.get $i) (local.get $size)))
        (call $store (i64.add (local.get $block) (i64.extend_i32_u (local.get $i)))
          (i32.load8_u (i32.add (i32.const 8192) (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (call $output (local.get $block) (i64.extend_i32_u (local.get $size))))
  (func (export "environment") (result i32)
    (drop (call $environ_sizes (i32.const 0) (i32.const 4)))
    (drop (call $environ (i32.const 16) (i32.const 8192)))
    (call $answer (i32.load (i32.const 4)))
    (i32.const 0))
  (func (export "arguments") (result i32)
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 16) (i32.const 8192)))
    (call $answer (i32.load (i32.const 4)))
    (i32.const 0)))"#;

#[test]
fn wasi_is_off_unless_asked_for() {
    let world = World::new();
    world.run(["call", &wat("wasi_exit"), "fine"]).fails(1, &["needs WASI", "proc_exit", "add --wasi"]);
    assert_eq!(world.run(["call", &wat("wasi_exit"), "fine", "--wasi"]).code, Some(0));
}

#[test]
fn a_command_writes_to_standard_output() {
    let run = World::new().run(["call", &wat("start_command"), "_start", "--wasi"]);
    assert_eq!(run.ok(), "run 1\n");
    assert_eq!(run.stderr, "");
}

#[test]
fn a_command_reads_standard_input_when_allowed() {
    let world = World::new();
    world.file("cat.wat", CAT);
    let text = "a line\n".repeat(20_000);
    let run = world.run_with_input(["call", "cat.wat", "_start", "--wasi", "--stdin"], text.as_bytes());
    assert_eq!(run.ok(), text);
    assert_eq!(world.run_with_input(["call", "cat.wat", "_start", "--wasi"], b"").ok(), "");
}

#[test]
fn a_command_that_waits_for_input_ends_at_its_deadline() {
    let world = World::new();
    world.file("cat.wat", CAT);
    let mut command = world.command();
    command.args(["call", "cat.wat", "_start", "--wasi", "--stdin", "--timeout", "100"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    // The pipe stays open, and nothing is ever written to it.
    let pipe = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(124));
    drop(pipe);
}

#[test]
fn other_functions_leave_standard_output_to_the_output() {
    let world = World::new();
    let run = world.run(["call", &wat("wasi_stdout"), "write", "--wasi"]);
    assert_eq!(run.ok(), "");
    let mut lines: Vec<&str> = run.stderr.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["to err", "to out"]);
    let quiet = world.run(["call", &wat("wasi_stdout"), "write", "--wasi", "--quiet"]);
    assert_eq!((quiet.ok(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn endless_standard_output_is_cut() {
    let run = World::new().run(["call", &wat("wasi_stdout"), "write_for_ever", "--wasi", "--timeout", "1s"]);
    assert_eq!(run.code, Some(124));
    assert!(run.stdout.is_empty());
    assert!(
        run.stderr.contains("warning: dropped what the plug-in wrote"),
        "{}",
        &run.stderr[run.stderr.len() - 500..]
    );
}

#[test]
fn the_environment_is_empty_but_for_the_flags() {
    let world = World::new();
    world.file("lists.wat", LISTS);
    assert_eq!(world.run(["call", "lists.wat", "environment", "--wasi"]).ok(), "");
    let run = world.run(["call", "lists.wat", "environment", "--wasi", "--env", "A=1", "--env", "B=x=y"]);
    assert_eq!(run.ok(), "A=1\0B=x=y\0");
    world.run(["call", "lists.wat", "environment", "--env", "A=1"]).fails(1, &[]);
    world
        .run(["call", "lists.wat", "environment", "--wasi", "--env", "A"])
        .fails(1, &["--env", "NAME=VALUE"]);
}

#[test]
fn arguments_follow_the_name_of_the_file() {
    let world = World::new();
    world.file("lists.wat", LISTS);
    assert_eq!(world.run(["call", "lists.wat", "arguments", "--wasi"]).ok(), "");
    let run = world.run(["call", "lists.wat", "arguments", "--wasi", "--", "one", "--two"]);
    assert_eq!(run.ok(), "lists.wat\0one\0--two\0");
}

#[test]
fn exit_codes_are_passed_on() {
    let world = World::new();
    let exit = wat("wasi_exit");
    assert_eq!(world.run(["call", &exit, "exit_0", "--wasi"]).ok(), "x");
    for (function, code) in [("exit_1", 1), ("exit_3", 3), ("exit_125", 125)] {
        world.run(["call", &exit, function, "--wasi"]).fails(code, &[&format!("code {code}")]);
    }
}
