//! Functions on texts whose own form in SQLite takes quadratic time in one instruction, which no clock interrupts: replaced by linear ones.

use std::collections::HashSet;
use std::sync::Arc;

use memchr::memmem;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error, Result, ffi};

use super::guard::Guard;

/// Puts ours in the place of SQLite's.
pub(super) fn replace_functions(connection: &Connection, guard: &Arc<Guard>) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("instr", 2, flags, |context| {
        Ok(instr(context.get_raw(0), context.get_raw(1)))
    })?;
    let limits = guard.clone();
    connection
        .create_scalar_function("replace", 3, flags, move |context| replace(context, limits.most_bytes()))?;
    for (name, left, right) in [("trim", true, true), ("ltrim", true, false), ("rtrim", false, true)] {
        connection.create_scalar_function(name, 2, flags, move |context| {
            Ok(trim(context.get_raw(0), context.get_raw(1), left, right))
        })?;
    }
    connection.create_scalar_function("unhex", 2, flags, |context| {
        Ok(unhex(context.get_raw(0), context.get_raw(1)))
    })
}

/// A value as SQLite makes a text of it; nothing of none.
fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string()),
        // A whole number has a `.0` there as well; what is written with an exponent may differ.
        ValueRef::Real(value) => Some(format!("{value:?}")),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// Where something first is in another: the number of the byte in blobs, of the character in texts, from 1; 0 if it is not there.
fn instr(hay: ValueRef<'_>, needle: ValueRef<'_>) -> Value {
    let number = |at: Option<usize>| Value::Integer(at.map_or(0, |at| i64::try_from(at + 1).unwrap_or(0)));
    if let (ValueRef::Blob(hay), ValueRef::Blob(needle)) = (hay, needle) {
        return number(memmem::find(hay, needle));
    }
    let (Some(hay), Some(needle)) = (text(hay), text(needle)) else { return Value::Null };
    number(memmem::find(hay.as_bytes(), needle.as_bytes()).map(|at| hay[..at].chars().count()))
}

/// A text in which something was replaced, of at most so many bytes.
fn replace(context: &Context<'_>, most: usize) -> Result<Value> {
    let (whole, pattern) = (text(context.get_raw(0)), text(context.get_raw(1)));
    let (Some(whole), Some(pattern)) = (whole, pattern) else { return Ok(Value::Null) };
    if pattern.is_empty() {
        return Ok(Value::Text(whole));
    }
    let Some(by) = text(context.get_raw(2)) else { return Ok(Value::Null) };
    let mut result = String::new();
    let mut rest = 0;
    for at in memmem::find_iter(whole.as_bytes(), pattern.as_bytes()) {
        if result.len() + (at - rest) + by.len() > most {
            return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_TOOBIG), None));
        }
        result.push_str(&whole[rest..at]);
        result.push_str(&by);
        rest = at + pattern.len();
    }
    result.push_str(&whole[rest..]);
    Ok(Value::Text(result))
}

/// A text without these characters at its ends.
fn trim(whole: ValueRef<'_>, characters: ValueRef<'_>, left: bool, right: bool) -> Value {
    let (Some(whole), Some(characters)) = (text(whole), text(characters)) else { return Value::Null };
    let characters: HashSet<char> = characters.chars().collect();
    let mut rest = &*whole;
    if left {
        rest = rest.trim_start_matches(|c| characters.contains(&c));
    }
    if right {
        rest = rest.trim_end_matches(|c| characters.contains(&c));
    }
    Value::Text(rest.to_owned())
}

/// The bytes of pairs of hexadecimal digits, between which there may be certain other characters; NULL where there is anything else.
fn unhex(digits: ValueRef<'_>, between: ValueRef<'_>) -> Value {
    let (Some(digits), Some(between)) = (text(digits), text(between)) else { return Value::Null };
    let between: HashSet<char> = between.chars().filter(|c| !c.is_ascii_hexdigit()).collect();
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let mut high = None;
    for c in digits.chars() {
        high = match (c.to_digit(16), high) {
            (Some(digit), None) => Some(digit),
            (Some(digit), Some(high)) => {
                bytes.push(u8::try_from(high * 16 + digit).unwrap_or_default());
                None
            }
            (None, None) if between.contains(&c) => None,
            (None, _) => return Value::Null,
        };
    }
    if high.is_some() { Value::Null } else { Value::Blob(bytes) }
}
