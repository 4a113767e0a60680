//! Binding parameters: `$1` as in PostgreSQL, `?1` and `?`.

use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use crate::Failure;
use crate::sql::Answer;
use crate::sql::value::Param;

/// Binds all parameters of a statement.
///
/// # Errors
///
/// `Invalid` when the statement has other parameters than were passed.
pub(super) fn bind(statement: &mut Statement<'_>, params: &[Param]) -> Answer<()> {
    let mut wanted = 0;
    for index in 1..=statement.parameter_count() {
        let number = match statement.parameter_name(index) {
            // A gap in `?1`, `?3` has an index as well, and no name.
            None => index,
            Some(name) => number(name)?,
        };
        wanted = wanted.max(number);
        let Some(param) = params.get(number - 1) else { continue };
        statement
            .raw_bind_parameter(index, as_sqlite(param))
            .map_err(|error| Failure::invalid(format!("parameter ${number}: {error}")))?;
    }
    if wanted == params.len() {
        return Ok(());
    }
    let passed = params.len();
    Err(Failure::invalid(format!("the statement has {wanted} parameters, and {passed} were passed")))
}

/// The number in a parameter's name.
fn number(name: &str) -> Answer<usize> {
    let digits = name.strip_prefix(['$', '?']);
    let number = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    number.and_then(|digits| digits.parse().ok()).filter(|number| *number > 0).ok_or_else(|| {
        Failure::invalid(format!("the statement has a parameter `{name}`: number them: $1, $2, …"))
    })
}

fn as_sqlite(param: &Param) -> ToSqlOutput<'_> {
    match param {
        Param::Null => ToSqlOutput::Owned(Value::Null),
        Param::Bool(value) => ToSqlOutput::Owned(Value::Integer(i64::from(*value))),
        Param::Int(value) => ToSqlOutput::Owned(Value::Integer(*value)),
        Param::Float(value) => ToSqlOutput::Owned(Value::Real(*value)),
        Param::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        Param::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        Param::Json(value) => ToSqlOutput::Owned(Value::Text(value.to_string())),
    }
}
