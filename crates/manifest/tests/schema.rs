//! The schema and the parser agree on the same examples.

use plugwright_manifest::{Manifest, ParseOptions, schema};
use serde_json::{Value, json};

fn with_module(module: Value) -> Value {
    json!({ "wasm": [module] })
}

fn with_field(name: &str, value: Value) -> Value {
    let mut manifest = with_module(json!({ "path": "a" }));
    manifest[name] = value;
    manifest
}

fn good() -> Vec<Value> {
    vec![
        with_module(json!({ "path": "a", "name": "main", "hash": "aF".repeat(32) })),
        with_module(json!({ "path": "a", "data": null, "url": null, "method": null, "headers": null })),
        with_module(json!({ "data": "AGFzbQ==" })),
        with_module(json!({ "data": "AGFzbQ" })),
        with_module(json!({ "data": "" })),
        with_module(json!({ "data": { "ptr": u64::MAX, "len": 0 } })),
        with_module(json!({ "url": "HTTPS://user@a:1/b?c", "method": "POST", "headers": { "X-A": "b\té" } })),
        json!({ "wasm": [{ "path": "a" }, { "path": "b", "name": "b" }] }),
        with_field(
            "memory",
            json!({ "max_pages": 65_536, "max_http_response_bytes": 0, "max_var_bytes": u64::MAX }),
        ),
        with_field("memory", json!({ "max_pages": null })),
        with_field("memory", json!({ "max_pages": 16.0 })),
        with_field("memory", Value::Null),
        with_field("config", json!({ "": "", "é": "\n" })),
        with_field("config", Value::Null),
        with_field("allowed_hosts", json!(["*", "a_b-c.?", "[::1]", "[fd00:*]", "127.0.0.1"])),
        with_field("allowed_hosts", json!([])),
        with_field("allowed_paths", json!({ "data": "/mnt", "ro:C:\\x": "x" })),
        with_field("timeout_ms", json!(1)),
        with_field("timeout_ms", json!(u64::MAX)),
        with_field("timeout_ms", Value::Null),
    ]
}

fn bad() -> Vec<Value> {
    vec![
        json!([]),
        json!({}),
        json!({ "wasm": null }),
        json!({ "wasm": [] }),
        json!({ "wasm": "a" }),
        json!({ "wasm": ["a"] }),
        with_module(json!({})),
        with_module(json!({ "pth": "a" })),
        with_module(json!({ "path": "a", "pth": "a" })),
        with_module(json!({ "path": null })),
        with_module(json!({ "path": "" })),
        with_module(json!({ "path": "a", "data": "" })),
        with_module(json!({ "path": "a", "url": "http://a", "method": "GET" })),
        with_module(json!({ "path": "a", "method": "GET" })),
        with_module(json!({ "data": "", "headers": {} })),
        with_module(json!({ "path": "a", "name": "" })),
        with_module(json!({ "path": "a", "hash": "a".repeat(63) })),
        with_module(json!({ "path": "a", "hash": "g".repeat(64) })),
        with_module(json!({ "data": "a-_=" })),
        with_module(json!({ "data": [0] })),
        with_module(json!({ "data": { "ptr": 1 } })),
        with_module(json!({ "data": { "ptr": 1, "len": 1, "x": 1 } })),
        with_module(json!({ "data": { "ptr": -1, "len": 1 } })),
        with_module(json!({ "url": "ftp://a" })),
        with_module(json!({ "url": "http:///a" })),
        with_module(json!({ "url": "http://a", "method": "GET /" })),
        with_module(json!({ "url": "http://a", "headers": { "a b": "c" } })),
        with_module(json!({ "url": "http://a", "headers": { "a": "b\r\nc: d" } })),
        with_module(json!({ "url": "http://a", "headers": { "a": 1 } })),
        with_field("memory", json!({ "max_page": 1 })),
        with_field("memory", json!({ "max_pages": 65_537 })),
        with_field("memory", json!({ "max_pages": -1 })),
        with_field("memory", json!({ "max_var_bytes": 1.5 })),
        with_field("memory", json!(1)),
        with_field("config", json!({ "k": 1 })),
        with_field("config", json!({ "k": null })),
        with_field("allowed_hosts", json!("a")),
        with_field("allowed_hosts", json!([""])),
        with_field("allowed_hosts", json!(["http://a"])),
        with_field("allowed_hosts", json!(["a:1"])),
        with_field("allowed_hosts", json!(["a".repeat(254)])),
        with_field("allowed_paths", json!(["a"])),
        with_field("allowed_paths", json!({ "": "/mnt" })),
        with_field("allowed_paths", json!({ "a": "" })),
        with_field("timeout_ms", json!(0)),
        with_field("timeout_ms", json!("1")),
        with_field("timeout", json!(1)),
    ]
}

fn parse(value: &Value) -> Result<Manifest, plugwright_manifest::Error> {
    Manifest::from_json_with(value.to_string().as_bytes(), ParseOptions::new().with_pointers(true))
}

#[test]
fn the_schema_is_one() {
    jsonschema::meta::validate(&schema()).unwrap();
}

#[test]
fn both_accept_good_manifests() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for value in good() {
        assert!(validator.is_valid(&value), "{value}");
        assert!(parse(&value).is_ok(), "{value}: {:?}", parse(&value));
    }
}

#[test]
fn both_refuse_bad_manifests() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for value in bad() {
        assert!(!validator.is_valid(&value), "{value}");
        assert!(parse(&value).is_err(), "{value}");
    }
}

#[test]
fn every_field_is_described() {
    fn check(path: &str, schema: &Value) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            assert!(field["description"].is_string() || field["$ref"].is_string(), "{path}");
            check(&path, field);
        }
    }
    let schema = schema();
    check("manifest", &schema);
    for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
        assert!(definition["description"].is_string(), "{name}");
        check(name, definition);
    }
}
