//! Does to the host's key-value store what it is told: a list of operations in JSON, each a list with its name and arguments. It answers
//! with a list of results; a failure is an object with its code.

use std::time::Duration;

use plugwright_pdk::json::{Value, json};
use plugwright_pdk::{FnResult, Json, kv, plugin_fn};

fn text(operation: &[Value], index: usize) -> &str {
    operation.get(index).and_then(Value::as_str).unwrap_or_default()
}

fn number(operation: &[Value], index: usize) -> i64 {
    operation.get(index).and_then(Value::as_i64).unwrap_or_default()
}

fn bytes(operation: &[Value], index: usize) -> Option<&[u8]> {
    operation.get(index).and_then(Value::as_str).map(str::as_bytes)
}

/// The time to live, if there is one.
fn time_to_live(operation: &[Value], index: usize) -> Option<Duration> {
    u64::try_from(number(operation, index)).ok().filter(|millis| *millis > 0).map(Duration::from_millis)
}

fn perform(operation: &[Value]) -> kv::Result<Value> {
    let key = text(operation, 1);
    Ok(match text(operation, 0) {
        "get" => kv::get(key)?.map(|value| String::from_utf8_lossy(&value).into_owned()).into(),
        "set" => {
            match time_to_live(operation, 3) {
                Some(time) => kv::set_for(key, text(operation, 2), time)?,
                None => kv::set(key, text(operation, 2))?,
            }
            Value::Null
        }
        "delete" => kv::delete(key)?.into(),
        "increment" => kv::increment(key, number(operation, 2))?.into(),
        "swap" => {
            let (expected, new) = (bytes(operation, 2), bytes(operation, 3));
            match time_to_live(operation, 4) {
                Some(time) => kv::compare_and_swap_for(key, expected, new, time)?.into(),
                None => kv::compare_and_swap(key, expected, new)?.into(),
            }
        }
        "list" => {
            let cursor = operation.get(2).and_then(Value::as_str);
            let limit = u32::try_from(number(operation, 3)).unwrap_or(u32::MAX);
            let page = kv::list(key, cursor, limit)?;
            json!({"keys": page.keys, "cursor": page.cursor})
        }
        other => json!({"error": "unknown", "message": other}),
    })
}

/// Does all operations.
#[plugin_fn]
pub fn run(Json(operations): Json<Vec<Vec<Value>>>) -> FnResult<Json<Vec<Value>>> {
    let result = |operation: &Vec<Value>| match perform(operation) {
        Ok(value) => value,
        Err(failure) => json!({"error": failure.code.as_str(), "message": failure.message}),
    };
    Ok(Json(operations.iter().map(result).collect()))
}

/// Sets `key` so often, as fast as it can. Gives the number of those that were not refused.
#[plugin_fn]
pub fn flood(count: u64) -> FnResult<u64> {
    Ok((0..count).filter(|_| kv::set("key", "value").is_ok()).count() as u64)
}

/// Gets `key` so often. Gives the number of those that were found.
#[plugin_fn]
pub fn read(count: u64) -> FnResult<u64> {
    Ok((0..count).filter(|_| matches!(kv::get("key"), Ok(Some(_)))).count() as u64)
}
