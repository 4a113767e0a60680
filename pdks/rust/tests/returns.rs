//! What a function may return, and what becomes of it.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::num::ParseIntError;

use plugwright_pdk::testing::{Error as Failure, Host};
use plugwright_pdk::{Error, FnResult, Json, WithReturnCode, plugin_fn};

type Alias<T> = Result<T, Error>;

#[plugin_fn]
fn private() -> &'static str {
    "found"
}

#[plugin_fn]
pub fn nothing() {}

#[plugin_fn(body = shout_back)]
pub fn shout(text: &str) -> String {
    text.to_uppercase()
}

#[plugin_fn]
pub fn borrowed(text: &str) -> &str {
    text.trim()
}

#[plugin_fn]
pub fn parse(number: &str) -> Result<i64, ParseIntError> {
    number.parse()
}

#[plugin_fn]
pub fn refuse(reason: String) -> Result<(), String> {
    Err(reason)
}

#[plugin_fn]
pub fn aliased(fails: bool) -> Alias<Json<Vec<u8>>> {
    if fails { Err(Error::msg("as asked")) } else { Ok(Json(vec![1, 2])) }
}

#[plugin_fn]
pub fn code(code: i32) -> FnResult<()> {
    Err(WithReturnCode::new(Error::msg("failed"), code))
}

#[plugin_fn]
pub fn coded(code: i32) -> WithReturnCode<String> {
    WithReturnCode::new("output".to_owned(), code)
}

/// The code and message of a failure.
fn told<T: std::fmt::Debug>(result: Result<T, Failure>) -> (Option<i32>, String) {
    let error = result.unwrap_err();
    (error.code(), error.message().to_owned())
}

#[test]
fn values() {
    let host = Host::new();
    assert_eq!(host.call::<String>(private, "").unwrap(), "found");
    assert_eq!(host.call::<Vec<u8>>(nothing, "input").unwrap(), b"");
    assert_eq!(host.call::<String>(shout, "tea").unwrap(), "TEA");
    assert_eq!(shout_back("tea"), "TEA");
    assert_eq!(host.call::<String>(borrowed, " tea ").unwrap(), "tea");
}

#[test]
fn results() {
    let host = Host::new();
    assert_eq!(host.call::<i64>(parse, "12").unwrap(), 12);
    assert_eq!(told(host.call::<i64>(parse, "x")), (Some(-1), "invalid digit found in string".to_owned()));
    assert_eq!(told(host.call::<()>(refuse, "no tea")), (Some(-1), "no tea".to_owned()));
    assert_eq!(host.call::<String>(aliased, false).unwrap(), "[1,2]");
    assert_eq!(told(host.call::<String>(aliased, true)), (Some(-1), "as asked".to_owned()));
}

#[test]
fn codes() {
    let host = Host::new();
    assert_eq!(told(host.call::<()>(code, 42)), (Some(42), "failed".to_owned()));
    // 0 would be success.
    assert_eq!(told(host.call::<()>(code, 0)), (Some(-1), "failed".to_owned()));
    assert_eq!(host.call::<String>(coded, 0).unwrap(), "output");
    assert_eq!(told(host.call::<String>(coded, 7)).0, Some(7));
}

#[test]
fn inputs_that_are_no_value() {
    let host = Host::new();
    assert_eq!(
        told(host.call::<String>(shout, [0xff_u8])),
        (Some(-1), "cannot decode text as &str: invalid utf-8 sequence of 1 bytes from index 0".to_owned())
    );
    assert_eq!(
        told(host.call::<String>(aliased, "yes")),
        (Some(-1), "cannot decode bytes as bool: expected exactly 1 bytes, found 3".to_owned())
    );
}
