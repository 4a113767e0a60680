//! What plug-ins cost the process, measured from outside. A program of its own, in which one test runs at a time.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::fs;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugwright::{CompilationCache, CompiledPlugin, ErrorKind, Plugin, PluginBuilder, Pool};

const MIB: u64 = 1 << 20;

/// Held by the test that measures.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The process's resident memory in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

/// Waits until no more than `limit` bytes are resident: a thread gives large memories back.
fn assert_settles_below(limit: u64) {
    let patience = Instant::now() + Duration::from_secs(30);
    while resident() >= limit {
        assert!(Instant::now() < patience, "{} MiB too many", (resident() - limit) / MIB);
        std::thread::yield_now();
    }
}

/// `fill` allocates a block of 256 MiB and writes to each of its pages; `echo` returns its input.
fn guest() -> PluginBuilder {
    let wat = r#"(module
      (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
      (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
      (import "extism:host/env" "reset" (func $reset))
      (import "extism:host/env" "input_offset" (func $in (result i64)))
      (import "extism:host/env" "input_length" (func $in_length (result i64)))
      (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
      (memory (export "memory") 1)
      (data (i32.const 0) "an instance has some data")
      (func (export "fill_and_reset") (drop (call $fill)) (call $reset))
      (func $fill (export "fill") (result i32) (local $block i64) (local $at i64)
        (local.set $block (call $alloc (i64.const 0x10000000)))
        (if (i64.eqz (local.get $block)) (then (return (i32.const 1))))
        (loop $next
          (call $store_u8 (i64.add (local.get $block) (local.get $at)) (i32.const 0x78))
          (local.set $at (i64.add (local.get $at) (i64.const 4096)))
          (br_if $next (i64.lt_u (local.get $at) (i64.const 0x10000000))))
        (call $output_set (local.get $block) (i64.const 0x10000000))
        (i32.const 0))
      (func (export "echo") (call $output_set (call $in) (call $in_length))))"#;
    Plugin::builder(wat.as_bytes()).cache(CompilationCache::Off)
}

fn echo(plugin: &mut Plugin) {
    assert_eq!(plugin.call::<_, &str>("echo", "x").unwrap(), "x");
}

#[test]
fn a_large_call_leaves_nothing_resident_after_the_next() {
    let _alone = alone();
    for compact in [false, true] {
        let mut plugin = guest().compact_memory(compact).build().unwrap();
        echo(&mut plugin);
        let before = resident();
        for _ in 0..3 {
            let output: &[u8] = plugin.call("fill", ()).unwrap();
            assert_eq!((output.len() as u64, output[4096]), (256 * MIB, b'x'));
            assert!(resident() > before + 250 * MIB, "the guest did use it");
            echo(&mut plugin);
            assert_settles_below(before + 16 * MIB);
        }
    }
}

#[test]
fn a_guest_cannot_hide_what_it_used() {
    let _alone = alone();
    let mut plugin = guest().build().unwrap();
    echo(&mut plugin);
    let before = resident();
    plugin.call::<_, ()>("fill_and_reset", ()).unwrap();
    assert!(resident() > before + 250 * MIB, "the guest did use it");
    echo(&mut plugin);
    assert_settles_below(before + 16 * MIB);
}

#[test]
fn a_large_input_leaves_nothing_resident_either() {
    let _alone = alone();
    let mut plugin = guest().build().unwrap();
    echo(&mut plugin);
    let before = resident();
    {
        let input = vec![7u8; 64 * MIB as usize];
        plugin.call::<_, &[u8]>("echo", &input[..]).unwrap();
    }
    echo(&mut plugin);
    assert_settles_below(before + 16 * MIB);
}

#[test]
fn an_idle_instance_keeps_nothing_large() {
    let _alone = alone();
    for compact in [false, true] {
        let pool = Pool::new(guest().compact_memory(compact).compile().unwrap(), 1);
        echo(&mut pool.acquire(None).unwrap());
        let before = resident();
        let mut plugin = pool.acquire(None).unwrap();
        plugin.call::<_, &[u8]>("fill", ()).unwrap();
        assert!(resident() > before + 250 * MIB, "the guest did use it");
        drop(plugin);
        assert_settles_below(before + 16 * MIB);

        let mut plugin = pool.acquire(None).unwrap();
        plugin.call::<_, &[u8]>("fill", ()).unwrap();
        plugin.reset();
        assert_eq!(plugin.output(), b"");
        assert_settles_below(before + 16 * MIB);
        echo(&mut plugin);
    }
}

#[test]
fn memory_that_a_call_uses_again_has_no_content_of_the_last() {
    let _alone = alone();
    let mut plugin = guest().build().unwrap();
    plugin.call::<_, &[u8]>("fill", ()).unwrap();
    let input = vec![1u8; 8 * MIB as usize];
    assert!(plugin.call::<_, &[u8]>("echo", &input[..]).unwrap() == input);
}

fn create_and_drop(compiled: &CompiledPlugin, times: u32) {
    for _ in 0..times {
        echo(&mut compiled.instantiate().unwrap());
    }
}

#[test]
fn creating_and_dropping_plugins_does_not_grow_the_process() {
    let _alone = alone();
    for compact in [false, true] {
        let compiled = guest().compact_memory(compact).compile().unwrap();
        create_and_drop(&compiled, 1000);
        let before = resident();
        create_and_drop(&compiled, 20_000);
        assert_settles_below(before + 16 * MIB);
    }
}

#[test]
fn building_the_same_plugin_again_does_not_grow_the_process() {
    let _alone = alone();
    let build = |times| (0..times).for_each(|_| echo(&mut guest().host_fn("unused", || ()).build().unwrap()));
    build(20);
    let before = resident();
    build(60);
    assert_settles_below(before + 16 * MIB);
}

#[test]
fn twenty_thousand_live_plugins_fit() {
    const PLUGINS: u64 = 20_000;
    let _alone = alone();
    for compact in [true, false] {
        many_live_plugins_fit(&guest().compact_memory(compact).compile().unwrap(), PLUGINS);
    }
}

fn many_live_plugins_fit(compiled: &CompiledPlugin, count: u64) {
    create_and_drop(compiled, 1);
    let before = resident();
    let mut plugins: Vec<Plugin> = (0..count)
        .map(|_| {
            let mut plugin = compiled.instantiate().unwrap();
            echo(&mut plugin);
            plugin
        })
        .collect();
    let each = resident().saturating_sub(before) / count;
    // A page of its own, a page of kernel memory, and what belongs to them.
    assert!(each < 192 * 1024, "{each} bytes each");
    plugins.iter_mut().step_by(997).for_each(echo);
}

/// Runs this test again in a process that may have little address space, and says whether it is that process.
fn with_little_address_space(test: &str) -> bool {
    const LIMITED: &str = "PLUGWRIGHT_TEST_ADDRESS_SPACE_IS_LIMITED";
    if std::env::var_os(LIMITED).is_some() {
        return true;
    }
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 60000000 && exec \"$0\" --exact --nocapture \"$1\""])
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env(LIMITED, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    false
}

#[test]
fn when_the_address_space_is_used_up_plugins_fail_and_the_process_goes_on() {
    let _alone = alone();
    if !with_little_address_space("when_the_address_space_is_used_up_plugins_fail_and_the_process_goes_on") {
        return;
    }
    // Whether the kernel memory or the plug-in's own is the one that finds no room depends on how many plug-ins there
    // are.
    for memories in 1..4 {
        let further = "(memory 1)".repeat(memories - 1);
        let wat = format!(r#"(module (memory (export "memory") 1) {further} (func (export "run")))"#);
        let compiled = Plugin::builder(wat.into_bytes()).cache(CompilationCache::Off).compile().unwrap();
        let mut plugins = Vec::new();
        let error = loop {
            let mut plugin = compiled.instantiate().unwrap();
            match plugin.call::<_, ()>("run", ()) {
                Ok(()) => plugins.push(plugin),
                Err(error) => {
                    assert_eq!(plugin.call::<_, ()>("run", ()).unwrap_err().kind(), error.kind());
                    plugins.pop();
                    plugin.call::<_, ()>("run", ()).expect("another one made room");
                    break error;
                }
            }
            assert!(plugins.len() < 100, "the limit has no effect");
        };
        assert_eq!(error.kind(), &ErrorKind::OutOfMemory, "{error}");
        assert!(error.message().contains("compact_memory"), "{error}");
        for plugin in &mut plugins {
            plugin.call::<_, ()>("run", ()).unwrap();
        }
        drop(plugins);
        compiled.instantiate().unwrap().call::<_, ()>("run", ()).unwrap();
    }
}
