//! Parameters, as texts that the server reads by the type that the statement wants.

use std::error::Error as StdError;

use serde_json::Value;
use tokio_postgres::Statement;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type, to_sql_checked};

use crate::Failure;
use crate::sql::Answer;
use crate::sql::value::Param;

/// Checks that a statement has as many parameters as were passed.
///
/// # Errors
///
/// `Invalid` otherwise.
pub(super) fn check_count(statement: &Statement, params: &[Param]) -> Answer<()> {
    let (wanted, passed) = (statement.params().len(), params.len());
    if wanted == passed {
        return Ok(());
    }
    Err(Failure::invalid(format!("the statement has {wanted} parameters, and {passed} were passed")))
}

impl ToSql for Param {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let text = match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Bytes(bytes) if *ty == Type::BYTEA => {
                out.extend_from_slice(bytes);
                return Ok(IsNull::No);
            }
            Self::Bytes(_) => return Err(format!("bytes were passed for the type {ty}").into()),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            // 1e300 for short, and 1 where an integer is wanted and JavaScript has passed 1.0.
            Self::Float(value) => match Value::from(*value).to_string() {
                text if is_integer(ty) => text.strip_suffix(".0").map(str::to_owned).unwrap_or(text),
                text => text,
            },
            Self::Text(text) => {
                out.extend_from_slice(text.as_bytes());
                return Ok(IsNull::No);
            }
            Self::Json(Value::Array(values)) if matches!(ty.kind(), Kind::Array(_)) => array(values),
            Self::Json(value) => value.to_string(),
        };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, ty: &Type) -> Format {
        if *ty == Type::BYTEA { Format::Binary } else { Format::Text }
    }

    to_sql_checked!();
}

fn is_integer(ty: &Type) -> bool {
    [Type::INT2, Type::INT4, Type::INT8].contains(ty)
}

/// An array as the server reads it: `{1,"a",NULL}`.
fn array(values: &[Value]) -> String {
    let elements = values.iter().map(|value| match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(inner) => array(inner),
        Value::String(text) => quoted(text),
        Value::Object(_) => quoted(&value.to_string()),
    });
    format!("{{{}}}", elements.collect::<Vec<_>>().join(","))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::array;

    #[test]
    fn elements_cannot_leave_their_quotes() {
        let values = json!([1, null, true, "a\"},{\\", [2, 3], {"a": 1}, "NULL"]);
        let text = array(values.as_array().expect("an array"));
        assert_eq!(text, r#"{1,NULL,true,"a\"},{\\",{2,3},"{\"a\":1}","NULL"}"#);
    }
}
