//! A plug-in tested as its author would: its exported functions are called in the test's process.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use plugwright_pdk::testing::{ErrorKind, Host, HostFunction, Request, Response};
use plugwright_pdk::{
    Error, FnResult, HttpRequest, Json, LogLevel, WithReturnCode, config, debug, host, host_fn, http, info,
    plugin_fn, var, warn,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Report {
    count: u64,
    total: u64,
    vowels: String,
}

#[plugin_fn]
pub fn count_vowels(text: String) -> FnResult<Json<Report>> {
    let vowels = config::get("vowels")?.unwrap_or_else(|| "aeiouAEIOU".to_owned());
    let count = text.chars().filter(|letter| vowels.contains(*letter)).count() as u64;
    let total = var::get::<u64>("total")?.unwrap_or(0) + count;
    var::set("total", total)?;
    Ok(Json(Report { count, total, vowels }))
}

#[plugin_fn]
pub fn describe(name: String, age: u32, city: Option<String>) -> FnResult<String> {
    Ok(format!("{name} ({age}), {}", city.as_deref().unwrap_or("nowhere")))
}

#[plugin_fn]
pub fn refuse(code: i32) -> FnResult<()> {
    Err(WithReturnCode::new(Error::msg("refused"), code))
}

#[plugin_fn]
pub fn index(numbers: Json<Vec<usize>>) -> FnResult<String> {
    let at = numbers.0[0];
    Ok(numbers.0[at].to_string())
}

#[plugin_fn]
pub fn chat(text: String) -> FnResult<()> {
    debug!("got {} bytes", text.len());
    info!("{text}");
    warn!("that was all");
    Ok(())
}

#[host_fn]
extern "ExtismHost" {
    fn kv_read(key: String) -> Vec<u8>;
    fn kv_write(key: String, value: Vec<u8>);
}

#[plugin_fn]
pub fn kv_count(key: String) -> FnResult<String> {
    // SAFETY: the host declares both functions with these types.
    let stored = unsafe { kv_read(key.clone()) }?;
    let number: u64 = if stored.is_empty() { 0 } else { String::from_utf8(stored)?.parse()? };
    let next = (number + 1).to_string();
    // SAFETY: as above.
    unsafe { kv_write(key, next.clone().into_bytes()) }?;
    Ok(next)
}

mod shop {
    use super::{host, host_fn};

    #[host_fn("shop:api")]
    extern "Plugwright" {
        pub(super) fn price_of(item: String) -> host::Result<String>;
    }
}

#[plugin_fn]
pub fn price(item: String) -> FnResult<String> {
    match shop::price_of(item) {
        Ok(price) => Ok(price),
        Err(host::Error::Failed(reason)) => Ok(format!("no price: {reason}")),
        Err(error) => Err(error.into()),
    }
}

#[plugin_fn]
pub fn fetch(url: String) -> FnResult<String> {
    let request = HttpRequest::new(url).with_method("POST").with_header("x-from", "plug-in");
    let response = http::request(&request, Some("tea"))?;
    let kind = response.headers().get("content-type").cloned().unwrap_or_default();
    Ok(format!("{} {kind} {}", response.status_code(), String::from_utf8(response.body())?))
}

#[test]
fn config_and_variables() {
    let host = Host::new();
    for total in [3, 6] {
        let report: Json<Report> = host.call(count_vowels, "Hello, World!").unwrap();
        assert_eq!(report.0, Report { count: 3, total, vowels: "aeiouAEIOU".to_owned() });
    }
    let host = Host::new().config("vowels", "l").var("total", 10_u64);
    let report: Json<Report> = host.call(count_vowels, "Hello, World!").unwrap();
    assert_eq!(report.0, Report { count: 3, total: 13, vowels: "l".to_owned() });
    assert_eq!(host.get_var::<u64>("total"), Ok(Some(13)));
}

#[test]
fn several_parameters() {
    let host = Host::new();
    let describe = |input: &str| host.call::<String>(describe, input);
    assert_eq!(describe(r#"{"name":"Jane","age":30,"city":"Rome"}"#).unwrap(), "Jane (30), Rome");
    assert_eq!(describe(r#"{"name":"Jane","age":30}"#).unwrap(), "Jane (30), nowhere");
    for (input, named) in [(r#"{"name":"Jane"}"#, "age"), (r#"{"name":"Jane","age":"old"}"#, "age")] {
        let error = describe(input).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Guest);
        assert!(error.message().contains(named), "{error}");
    }
}

#[test]
fn failures() {
    let host = Host::new();
    let error = host.call::<()>(refuse, 42_i32).unwrap_err();
    assert_eq!((error.kind(), error.code(), error.message()), (ErrorKind::Guest, Some(42), "refused"));
    let error = host.call::<()>(refuse, "no number").unwrap_err();
    assert_eq!(error.code(), Some(-1));
}

#[test]
fn a_panic_has_its_place() {
    let host = Host::new();
    let error = host.call::<String>(index, "[7, 8]").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Trap);
    let place = format!("panicked at {}:", file!());
    assert!(error.message().starts_with(&place), "{error}");
    assert!(error.message().contains("index out of bounds"), "{error}");
    assert_eq!(host.call::<String>(index, "[1, 8]").unwrap(), "8");
}

#[test]
fn logs() {
    let host = Host::new().log_level(LogLevel::Info);
    host.call::<()>(chat, "hello").unwrap();
    let logs: Vec<_> = host.logs().into_iter().map(|log| (log.level, log.message)).collect();
    assert_eq!(logs, [(LogLevel::Info, "hello".to_owned()), (LogLevel::Warn, "that was all".to_owned())]);
}

#[test]
fn host_functions() {
    let store: Rc<RefCell<BTreeMap<String, Vec<u8>>>> = Rc::default();
    let (read, write) = (store.clone(), store.clone());
    let host = Host::new()
        .host_fn("kv_read", move |key: String| read.borrow().get(&key).cloned())
        .host_fn("kv_write", move |key: String, value: Vec<u8>| drop(write.borrow_mut().insert(key, value)));
    for expected in ["1", "2"] {
        assert_eq!(host.call::<String>(kv_count, "visits").unwrap(), expected);
    }
    assert_eq!(store.borrow()["visits"], b"2");

    let error = Host::new().call::<String>(kv_count, "visits").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HostFunction);
    assert!(error.message().contains("`kv_read` of module `extism:host/user`"), "{error}");
}

#[test]
fn errors_of_host_functions_as_values() {
    let price_of = |item: String| match item.as_str() {
        "tea" => Ok("3.50"),
        _ => Err(format!("there is no {item}")),
    };
    let shop = HostFunction::new("price_of", price_of).in_module("shop:api");
    let fallible = Host::new().host_function(shop.clone().errors_as_values());
    assert_eq!(fallible.call::<String>(price, "tea").unwrap(), "3.50");
    assert_eq!(fallible.call::<String>(price, "gold").unwrap(), "no price: there is no gold");
    let error = Host::new().host_function(shop).call::<String>(price, "gold").unwrap_err();
    assert_eq!(error.message(), "host function `price_of` failed: there is no gold");
}

#[test]
fn requests() {
    let host = Host::new().http_response_headers(true).http(|request: &Request| {
        assert_eq!((request.method.as_str(), request.body.as_slice()), ("POST", b"tea".as_slice()));
        assert_eq!(request.headers["x-from"], "plug-in");
        Response::new(404).header("Content-Type", "text/plain").body(format!("nothing at {}", request.url))
    });
    assert_eq!(
        host.call::<String>(fetch, "https://example.com/").unwrap(),
        "404 text/plain nothing at https://example.com/"
    );
    assert_eq!(
        Host::new().call::<String>(fetch, "https://example.com/").unwrap_err().kind(),
        ErrorKind::Http
    );
}

#[test]
fn code_that_is_not_exported() {
    let host = Host::new().config("lang", "de");
    assert_eq!(host.run(|| config::get("lang").unwrap()).unwrap(), Some("de".to_owned()));
}
