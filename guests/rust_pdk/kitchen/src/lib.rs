//! Uses what only our PDK has.

use std::collections::BTreeMap;
use std::num::ParseIntError;

use plugwright_pdk::{FnResult, FromBytes, HttpRequest, Json, ToBytes, encoding, http, json, plugin_fn, var};
use serde::{Deserialize, Serialize};

/// Several parameters, by the names of the fields of the input.
#[plugin_fn]
pub fn describe(name: String, age: u32, city: Option<String>) -> String {
    format!("{name} ({age}), {}", city.as_deref().unwrap_or("nowhere"))
}

/// An error of the author's own choice.
#[plugin_fn]
pub fn parse(number: &str) -> Result<i64, ParseIntError> {
    number.parse()
}

/// Nothing in, nothing out.
#[plugin_fn]
pub fn nothing() {}

/// A panic in the middle: the input is a list, and the place in it of what is wanted.
#[plugin_fn]
pub fn pick(list: Vec<String>, index: usize) -> String {
    list[index].clone()
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ToBytes, FromBytes)]
#[encoding(Json)]
struct Visit {
    page: String,
    count: u32,
}

/// Variables of several types.
#[plugin_fn]
pub fn visit(page: String) -> FnResult<String> {
    let mut visit = var::get::<Visit>("visit")?.unwrap_or(Visit { page: page.clone(), count: 0 });
    visit.count += 1;
    let total = var::get::<i64>("total")?.unwrap_or_default() + 1;
    let share = var::get::<f64>("share")?.unwrap_or(1.0) / 2.0;
    var::set("visit", &visit)?;
    var::set("total", total)?;
    var::set("share", share)?;
    var::set("note", "")?;
    let note = var::get::<String>("note")?;
    Ok(format!("{} {} {total} {share} {note:?}", visit.page, visit.count))
}

encoding!(Pretty, json::to_vec_pretty, json::from_slice);

/// A format of the author's own.
#[plugin_fn]
pub fn pretty(Json(value): Json<BTreeMap<String, u32>>) -> Pretty<BTreeMap<String, u32>> {
    Pretty(value)
}

/// A request with a method, headers and a body; what the server saw, and what it answered.
#[plugin_fn]
pub fn post(url: String, body: String) -> FnResult<String> {
    let request = HttpRequest::new(url).with_method("POST").with_header("x-kind", "tea, \"green\"");
    let response = http::request(&request, Some(body))?;
    let seen: json::Value = response.json()?;
    Ok(format!(
        "{} {} {} {} {}",
        response.status_code(),
        response.header("x-conformance").unwrap_or("hidden"),
        seen["method"],
        seen["headers"]["x-kind"],
        seen["body"]
    ))
}
