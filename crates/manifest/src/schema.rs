//! The JSON Schema of manifests, for editors and for other tools.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::hosts::MAX_HOST_BYTES;
use crate::memory::{DEFAULT_MAX_HTTP_RESPONSE_BYTES, DEFAULT_MAX_VAR_BYTES, MAX_PAGES};

/// What HTTP allows in methods and header names.
const TOKEN: &str = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

/// The schema (draft 2020-12) of a manifest in JSON.
///
/// It accepts everything that [`Manifest::from_json_with`](crate::Manifest::from_json_with) accepts with
/// pointers allowed. A few rules are beyond it, and the parser alone checks them: keys, module names and guest
/// paths that occur twice, and the details of URLs and addresses.
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plugwright manifest",
        "description": "What a plug-in is made of, what it may use, and its limits.",
        "type": "object",
        "required": ["wasm"],
        "additionalProperties": false,
        "properties": {
            "wasm": {
                "description": "The modules. The main one is named `main`, else it is the last; \
                    the others are linked under their names. Names must differ.",
                "type": "array",
                "minItems": 1,
                "items": { "$ref": "#/$defs/wasm" },
            },
            "memory": { "$ref": "#/$defs/memory" },
            "config": {
                "description": "Values that the plug-in can read by key.",
                "type": ["object", "null"],
                "additionalProperties": { "type": "string" },
            },
            "allowed_hosts": {
                "description": "Hosts that the plug-in may send requests to: names, in which `*` stands for \
                    any run of characters and `?` for one; IPv6 addresses in brackets. Default: none.",
                "type": ["array", "null"],
                "items": {
                    "type": "string",
                    "maxLength": MAX_HOST_BYTES,
                    "pattern": r"^([A-Za-z0-9._*?-]+|\[[0-9A-Fa-f:.*?]+\])$",
                },
                "examples": [["example.com", "*.example.org"]],
            },
            "allowed_paths": {
                "description": "Folders that the plug-in may use: host path to guest path. `ro:` in front of \
                    the host path makes the folder read-only. Default: none.",
                "type": ["object", "null"],
                "propertyNames": { "minLength": 1 },
                "additionalProperties": { "type": "string", "minLength": 1 },
                "examples": [{ "data": "/mnt", "ro:assets": "/assets" }],
            },
            "timeout_ms": {
                "description": "Milliseconds that one call may take. Default: no limit.",
                "type": ["integer", "null"],
                "minimum": 1,
                "maximum": u64::MAX,
            },
        },
        "$defs": { "wasm": wasm(), "memory": memory() },
    })
}

fn wasm() -> Value {
    json!({
        "description": "A module: exactly one of `path`, `data` and `url`.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "path": {
                "description": "A file: WebAssembly binary or text.",
                "type": ["string", "null"],
                "minLength": 1,
            },
            "data": {
                "description": "The bytes in base64 (standard alphabet), or, through the C interface only, \
                    where they are in memory.",
                "type": ["string", "object", "null"],
                "contentEncoding": "base64",
                "pattern": "^[A-Za-z0-9+/]*={0,2}$",
                "required": ["ptr", "len"],
                "additionalProperties": false,
                "properties": {
                    "ptr": {
                        "description": "Address of the first byte.",
                        "type": "integer", "minimum": 0, "maximum": u64::MAX,
                    },
                    "len": {
                        "description": "Number of bytes.",
                        "type": "integer", "minimum": 0, "maximum": u64::MAX,
                    },
                },
            },
            "url": {
                "description": "An http or https URL.",
                "type": ["string", "null"],
                "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]",
            },
            "method": {
                "description": "The method of the request to `url`. Default: GET.",
                "type": ["string", "null"],
                "pattern": TOKEN,
            },
            "headers": {
                "description": "Headers of the request to `url`, by name.",
                "type": ["object", "null"],
                "propertyNames": { "pattern": TOKEN },
                "additionalProperties": {
                    "type": "string",
                    "pattern": r"^[^\u0000-\u0008\u000a-\u001f\u007f-\u009f]*$",
                },
            },
            "name": {
                "description": "The name under which other modules import from this one; `main` makes it \
                    the main one.",
                "type": ["string", "null"],
                "minLength": 1,
            },
            "hash": {
                "description": "SHA-256 of the bytes, in hexadecimal; checked before they are compiled.",
                "type": ["string", "null"],
                "pattern": "^[0-9A-Fa-f]{64}$",
            },
        },
        "oneOf": [
            source("path", json!({ "type": "string" }), &["data", "url", "method", "headers"]),
            source("data", json!({ "type": ["string", "object"] }), &["path", "url", "method", "headers"]),
            source("url", json!({ "type": "string" }), &["path", "data"]),
        ],
    })
}

/// A module whose source is the field `name`, so that the fields `absent` are missing or null.
fn source(name: &str, schema: Value, absent: &[&str]) -> Value {
    let nulls = absent.iter().map(|field| (*field, json!({ "type": "null" })));
    let properties: BTreeMap<&str, Value> = nulls.chain([(name, schema)]).collect();
    json!({ "required": [name], "properties": properties })
}

fn memory() -> Value {
    json!({
        "description": "Limits on memory.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "max_pages": {
                "description": "Pages of 64 KiB for all memories of the plug-in together. Default: 65536 (4 GiB).",
                "type": ["integer", "null"],
                "minimum": 0,
                "maximum": MAX_PAGES,
            },
            "max_http_response_bytes": {
                "description": "Bytes of one HTTP response body.",
                "type": ["integer", "null"],
                "minimum": 0,
                "maximum": u64::MAX,
                "default": DEFAULT_MAX_HTTP_RESPONSE_BYTES,
            },
            "max_var_bytes": {
                "description": "Bytes of all variables together; 0 turns variables off.",
                "type": ["integer", "null"],
                "minimum": 0,
                "maximum": u64::MAX,
                "default": DEFAULT_MAX_VAR_BYTES,
            },
        },
    })
}
