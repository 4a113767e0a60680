//! Does to the host's database what it is told: a list of operations in JSON, each a list with its name and arguments. It answers with a
//! list of results; a failure is an object with its code.

use plugwright_pdk::json::{Map, Value, json};
use plugwright_pdk::{FnResult, Json, plugin_fn, sql};
use serde::{Deserialize, Serialize};

/// A row whose columns are known.
#[derive(Deserialize, Serialize)]
struct Note {
    id: i64,
    text: String,
    #[serde(rename = "important")]
    is_important: Option<bool>,
}

fn statement(operation: &[Value]) -> (&str, &[Value]) {
    let statement = operation.get(1).and_then(Value::as_str).unwrap_or_default();
    (statement, operation.get(2).and_then(Value::as_array).map_or(&[], Vec::as_slice))
}

fn perform(operation: &[Value]) -> sql::Result<Value> {
    let (text, params) = statement(operation);
    Ok(match operation.first().and_then(Value::as_str).unwrap_or_default() {
        "execute" => sql::execute(text, params)?.into(),
        "query" => {
            let rows: Vec<Map<String, Value>> = sql::query(text, params)?;
            rows.into_iter().map(Value::Object).collect()
        }
        "notes" => json!(sql::query::<Note>(text, params)?),
        "transaction" => sql::transaction(|| {
            let operations = operation.iter().skip(1).filter_map(Value::as_array);
            operations.map(|operation| perform(operation)).collect::<sql::Result<Value>>()
        })?,
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
