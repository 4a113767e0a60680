//! The functions of the contract and their types.

use serde::Serialize;

/// The module that every host of the contract offers.
const EXTISM: &str = "extism:host/env";
/// Modules with this prefix are what this host offers beyond it.
const OWN_PREFIX: &str = "plugwright:host/";

/// Whether this host satisfies an import from a module of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "status")]
#[non_exhaustive]
pub enum ContractMatch {
    /// The contract has this function with this type.
    Known,
    /// The contract has this function, but with another type.
    WrongType {
        /// The type that it has, for example `(i64) -> i64`.
        expected: String,
    },
    /// The contract has no function of this name.
    Unknown,
}

/// Whether a module of this name belongs to the contract.
pub(super) fn is_contract(module: &str) -> bool {
    module == EXTISM || module.starts_with(OWN_PREFIX)
}

/// Compares an import with the contract. `ty` is a function's type as text; anything else is never right.
pub(super) fn compare(module: &str, name: &str, ty: &str) -> ContractMatch {
    match expected(module, name) {
        None => ContractMatch::Unknown,
        Some(expected) if expected == ty => ContractMatch::Known,
        Some(expected) => ContractMatch::WrongType { expected: expected.to_owned() },
    }
}

fn expected(module: &str, name: &str) -> Option<&'static str> {
    if module != EXTISM {
        return match (module, name) {
            ("plugwright:host/env", "host_error_take") => Some("() -> i64"),
            ("plugwright:host/mem", "read") => Some("(i32, i64, i64) -> ()"),
            ("plugwright:host/mem", "write") => Some("(i64, i32, i64) -> ()"),
            _ => None,
        };
    }
    Some(match name {
        "alloc" | "length" | "length_unsafe" | "load_u64" | "input_load_u64" | "config_get" | "var_get" => {
            "(i64) -> i64"
        }
        "load_u8" | "input_load_u8" => "(i64) -> i32",
        "free" | "error_set" | "log_trace" | "log_debug" | "log_info" | "log_warn" | "log_error" => {
            "(i64) -> ()"
        }
        "store_u8" => "(i64, i32) -> ()",
        "store_u64" | "input_set" | "output_set" | "var_set" => "(i64, i64) -> ()",
        "input_length" | "input_offset" | "output_length" | "output_offset" | "error_get"
        | "memory_bytes" | "http_headers" => "() -> i64",
        "http_request" => "(i64, i64) -> i64",
        "http_status_code" | "get_log_level" => "() -> i32",
        "reset" => "() -> ()",
        _ => return None,
    })
}
