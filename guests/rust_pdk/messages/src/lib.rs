//! Sends by the host's message broker what it is told: a list of operations in JSON, each a list with its name and arguments. It answers
//! with a list of results; a failure is an object with its code.

use std::collections::BTreeMap;
use std::time::Duration;

use plugwright_pdk::json::{Value, json};
use plugwright_pdk::{FnResult, Json, messaging, plugin_fn};

fn text(operation: &[Value], index: usize) -> &str {
    operation.get(index).and_then(Value::as_str).unwrap_or_default()
}

fn perform(operation: &[Value]) -> messaging::Result<Value> {
    let (subject, payload) = (text(operation, 1), text(operation, 2));
    let option = operation.get(3);
    match text(operation, 0) {
        "publish" => {
            match option.and_then(Value::as_object) {
                None => messaging::publish(subject, payload)?,
                Some(headers) => {
                    let headers: BTreeMap<&str, &str> = headers
                        .iter()
                        .map(|(name, value)| (&**name, value.as_str().unwrap_or_default()))
                        .collect();
                    messaging::publish_with_headers(subject, payload, &headers)?;
                }
            }
            Ok(Value::Null)
        }
        "request" => {
            let answer = match option.and_then(Value::as_u64) {
                None => messaging::request(subject, payload)?,
                Some(millis) => messaging::request_within(subject, payload, Duration::from_millis(millis))?,
            };
            Ok(String::from_utf8_lossy(&answer).into())
        }
        other => Ok(json!({"error": "unknown", "message": other})),
    }
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
