//! What a plug-in can do that does not use a PDK: pass anything.

use plugwright::Plugin;
use plugwright_capabilities::{Grant, Limits, reply};
use serde_json::json;

use crate::backend::Backend;
use crate::store::Store;

crate::for_each_backend!(
    names_of_others_are_keys_of_ones_own,
    keys_are_text,
    numbers_out_of_range_are_refused,
    cursors_that_nobody_gave_lead_nowhere_else,
    offsets_that_are_no_blocks_end_the_call,
);

/// A plug-in that calls one function with the block of its input where `(global.get $in)` stands, and returns the reply.
fn raw(backend: &Backend, parameters: usize, call: &str) -> Plugin {
    let name = call.split_whitespace().nth(1).expect("(call $name …").trim_start_matches('$');
    let params = "i64 ".repeat(parameters);
    let source = format!(
        r#"(module
          (import "extism:host/env" "input_offset" (func $input (result i64)))
          (import "extism:host/env" "length" (func $length (param i64) (result i64)))
          (import "extism:host/env" "output_set" (func $output (param i64 i64)))
          (import "extism:host/user" "{name}" (func ${name} (param {params}) (result i64)))
          (func (export "run") (result i32) (local $reply i64)
            (local.set $reply {call})
            (call $output (local.get $reply) (call $length (local.get $reply)))
            (i32.const 0)))"#
    );
    Plugin::builder(source.into_bytes()).with(&backend.kv).build().expect("a plug-in with all its imports")
}

const INPUT: &str = "(call $input)";

/// The code of the failure in a reply.
fn code(plugin: &mut Plugin, input: &[u8]) -> String {
    let output: Vec<u8> = plugin.call("run", input).expect("a reply");
    assert_eq!(output[0], reply::FAILED, "{}", String::from_utf8_lossy(&output));
    let failure: serde_json::Value = serde_json::from_slice(&output[1..]).expect("JSON");
    failure["code"].as_str().expect("a code").to_owned()
}

fn names_of_others_are_keys_of_ones_own(backend: &Backend) {
    let mut victim = Store::within(&backend.kv, "victim");
    victim.run(&json!([["set", "secret", "1"], ["set", "n", "5"]]));
    let mut hostile = Store::within(&backend.kv, "hostile");
    for key in [
        "victim:secret",
        "../victim/secret",
        "victim\u{0}secret",
        "plugwright:victim:secret",
        ":victim:secret",
        "\u{0}victim\u{0}secret",
        "hostile\r\nGET plugwright:victim:secret",
        "secret",
        "*",
        "victim*",
        "'; DROP TABLE entries",
        "{victim}:secret",
        "\" .. redis.call('KEYS','*') .. \"",
    ] {
        assert_eq!(hostile.one(json!(["get", key])), json!(null), "{key:?}");
        assert_eq!(hostile.keys(key, 10), [""; 0], "{key:?}");
        let results = hostile.run(&json!([
            ["delete", key],
            ["increment", key, 1],
            ["swap", key, "1", key],
            ["set", key, key],
            ["get", key]
        ]));
        assert_eq!(results, json!([false, 1, true, null, key]), "{key:?}");
    }
    assert_eq!(victim.run(&json!([["get", "secret"], ["get", "n"]])), json!(["1", "5"]));
    assert_eq!(victim.keys("", 10), ["n", "secret"]);
}

fn keys_are_text(backend: &Backend) {
    let not_text = b"\xff\xfe";
    assert_eq!(code(&mut raw(backend, 1, &format!("(call $kv_get {INPUT})")), not_text), "invalid");
    assert_eq!(code(&mut raw(backend, 1, &format!("(call $kv_delete {INPUT})")), not_text), "invalid");
    let list = format!("(call $kv_list {INPUT} (i64.const 0) (i64.const 5))");
    assert_eq!(code(&mut raw(backend, 3, &list), not_text), "invalid");
    let list = format!("(call $kv_list (i64.const 0) {INPUT} (i64.const 5))");
    assert_eq!(code(&mut raw(backend, 3, &list), not_text), "invalid");
    assert_eq!(code(&mut raw(backend, 1, "(call $kv_get (i64.const 0))"), b""), "invalid");
}

fn numbers_out_of_range_are_refused(backend: &Backend) {
    for ttl in ["-1", "3153600000001", "0x7fffffffffffffff"] {
        let set = format!("(call $kv_set {INPUT} {INPUT} (i64.const {ttl}))");
        assert_eq!(code(&mut raw(backend, 3, &set), b"key"), "invalid", "{ttl}");
        let swap = format!("(call $kv_compare_and_swap {INPUT} (i64.const 0) {INPUT} (i64.const {ttl}))");
        assert_eq!(code(&mut raw(backend, 4, &swap), b"key"), "invalid", "{ttl}");
    }
    for limit in ["0", "-1", "1001", "0x7fffffffffffffff"] {
        let list = format!("(call $kv_list {INPUT} (i64.const 0) (i64.const {limit}))");
        assert_eq!(code(&mut raw(backend, 3, &list), b"key"), "invalid", "{limit}");
    }
}

fn cursors_that_nobody_gave_lead_nowhere_else(backend: &Backend) {
    Store::within(&backend.kv, "aaa").one(json!(["set", "a", ""]));
    Store::within(&backend.kv, "zzz").one(json!(["set", "z", ""]));
    let mut store = Store::within(&backend.kv, "mmm");
    store.one(json!(["set", "own", ""]));
    for cursor in ["", "zzz", "\u{0}", "0", "7", "18446744073709551615", "-1", "1e9", "\u{10ffff}", "aaa:a"] {
        let page = store.one(json!(["list", "", cursor, 1000]));
        if page.get("error").is_some() {
            assert_eq!(page["error"], "invalid", "{cursor:?}");
            continue;
        }
        let keys = page["keys"].as_array().expect("a page");
        assert!(keys.iter().all(|key| key == "own"), "{cursor:?} led to {keys:?}");
    }
}

fn offsets_that_are_no_blocks_end_the_call(backend: &Backend) {
    for offset in ["1", "-1", "0x7fffffffffffffff", "4294967296"] {
        for (parameters, call) in [
            (1, format!("(call $kv_get (i64.const {offset}))")),
            (3, format!("(call $kv_set (i64.const {offset}) (i64.const 0) (i64.const 0))")),
            (
                4,
                format!(
                    "(call $kv_compare_and_swap {INPUT} (i64.const {offset}) (i64.const 0) (i64.const 0))"
                ),
            ),
        ] {
            let error =
                raw(backend, parameters, &call).call::<_, Vec<u8>>("run", "key").expect_err("no block");
            assert!(error.to_string().contains("no block of memory"), "{call}: {error}");
        }
    }
}

#[test]
fn a_namespace_cannot_grow_without_end() {
    let backend = Backend::memory();
    let limits = Limits { operations_per_second: u64::MAX, bytes_per_second: u64::MAX, ..Limits::default() };
    let mut store = Store::with(&backend.kv.clone().granted(Grant::default().within(limits)));
    let value = "x".repeat(1 << 20);
    let sets: Vec<_> = (0..63).map(|number| json!(["set", number.to_string(), value])).collect();
    assert!(store.run(&sets.into()).as_array().expect("a list").iter().all(serde_json::Value::is_null));
    assert_eq!(store.failure(json!(["set", "63", value])), "too_large");
    assert_eq!(store.one(json!(["set", "0", value])), json!(null), "what replaces takes no more");
    assert_eq!(store.one(json!(["delete", "1"])), json!(true));
    assert_eq!(store.one(json!(["set", "63", value])), json!(null));
    assert_eq!(Store::within(&backend.kv, "other").one(json!(["set", "a", value])), json!(null));
}
