//! Code as plug-ins of the public PDK have it, under the name that they know the PDK by.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "authors seldom write why: no host function can break memory"
)]

extern crate plugwright_pdk as extism_pdk;

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::io::{Cursor, Read as _};
use std::str::FromStr;

use anyhow::{Context as _, anyhow, bail};
use extism_pdk::testing::{ErrorKind, Host, Request, Response};
use extism_pdk::{
    Base64, Error, FnResult, FromBytes, FromBytesOwned, HttpRequest, Json, LogLevel, ManagedMemory, Memory,
    MemoryHandle, Msgpack, SharedFnResult, ToBytes, WithReturnCode, config, encoding, extism, host_fn, http,
    info, input, json, log, memory, output, plugin_fn, set_var, shared_fn, unwrap, var,
};
use serde::{Deserialize, Serialize};

/// A format of the author's own, for types that are text.
struct Text<T>(T);

impl<T: ToString> ToBytes<'_> for Text<&T> {
    type Bytes = String;

    fn to_bytes(&self) -> Result<String, Error> {
        Ok(self.0.to_string())
    }
}

impl<T: FromStr> FromBytesOwned for Text<T>
where
    Error: From<T::Err>,
{
    fn from_bytes_owned(data: &[u8]) -> Result<Self, Error> {
        Ok(Self(std::str::from_utf8(data)?.parse()?))
    }
}

#[derive(Debug, PartialEq, ToBytes, FromBytes)]
#[encoding(Text)]
struct Name(String);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ToBytes, FromBytes)]
#[encoding(Msgpack)]
struct Holder<T: Serialize> {
    value: T,
}

#[derive(Serialize, ToBytes)]
#[encoding(Json)]
struct Borrowed<'a> {
    text: &'a str,
}

encoding!(pub MyJson, json::to_vec, json::from_slice);

impl<T: Clone> Clone for MyJson<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: PartialEq> PartialEq for MyJson<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Default for MyJson<String> {
    fn default() -> Self {
        Self("none".to_owned())
    }
}

mod store {
    use extism_pdk::{Error, Json, Memory, host_fn};

    #[host_fn("env")]
    extern "ExtismHost" {
        pub fn double(name: &str, number: Json<u32>) -> Json<u32>;
        pub fn keep(block: Memory);
    }

    #[host_fn]
    extern "ExtismHost" {
        fn next(number: i64) -> i64;
    }

    pub(crate) fn next_of(number: i64) -> Result<i64, Error> {
        unsafe { next(number) }
    }
}

#[host_fn("env")]
extern "ExtismHost" {
    fn nothing();
}

fn number(key: &str) -> anyhow::Result<i32> {
    let Some(text) = var::get::<String>(key)? else { bail!("no variable `{key}`") };
    let number = text.parse().context("not a number")?;
    if number < 0 {
        return Err(anyhow!("{number} is below zero"));
    }
    Ok(number)
}

#[plugin_fn]
pub fn rename(Name(name): Name) -> FnResult<Name> {
    info!("renaming {}", name);
    set_var!("number", "{}", name.len())?;
    let level = LogLevel::Warn;
    log!(level, "{}", number("number")?);
    let Json(doubled) = unsafe { store::double("x", Json(4))? };
    unsafe {
        store::keep(Memory::from_bytes(b"kept")?)?;
        nothing()?;
    }
    let suffix = config::get("suffix")?.unwrap_or_default();
    Ok(Name(format!("{name}{suffix}{doubled}{}", store::next_of(8)?)))
}

#[plugin_fn]
pub fn try_double(_: ()) -> FnResult<String> {
    Ok(match unsafe { store::double("x", Json(4)) } {
        Ok(Json(number)) => number.to_string(),
        Err(error) => format!("failed: {error}|{error:#}"),
    })
}

#[plugin_fn]
pub fn check(key: String) -> FnResult<()> {
    if key.is_empty() {
        return Err(WithReturnCode::new(anyhow!("no key"), 3));
    }
    number(&key).context("cannot check")?;
    Ok(())
}

#[plugin_fn]
pub fn fetch(Json(mut request): Json<HttpRequest>) -> FnResult<Json<HashMap<String, String>>> {
    request.headers.insert("x-more".into(), "1".into());
    let response = http::request(&request, Some("body".to_owned()))?;
    let body: json::Value = response.json()?;
    let mut found = response.headers().clone();
    found.insert("status".into(), response.status_code().to_string());
    found.insert("length".into(), response.as_memory().len().to_string());
    found.insert("body".into(), body.to_string());
    Ok(Json(found))
}

#[plugin_fn]
pub unsafe fn copy() -> FnResult<Memory> {
    let MyJson(text): MyJson<String> = input()?;
    output(Borrowed { text: &text })?;
    let managed: ManagedMemory = Memory::new(&text)?.into();
    let handle: MemoryHandle = managed.0.0;
    Ok(Memory::from_bytes(memory::internal::memory_bytes(handle))?)
}

#[plugin_fn]
pub fn hold(_: ()) -> FnResult<Holder<u8>> {
    Ok(Holder { value: 7 })
}

#[plugin_fn]
pub fn encode(text: String) -> FnResult<Base64> {
    Ok(Base64(text))
}

/// An export by hand.
pub extern "C" fn by_hand() -> i32 {
    let text: String = unwrap!(input());
    let bytes = unsafe { extism::load_input() };
    unwrap!(output(text + &bytes.len().to_string()));
    0
}

#[shared_fn]
pub fn join(left: String, right: String) -> SharedFnResult<String> {
    Ok(left + &right)
}

#[test]
fn formats_host_functions_and_logs() {
    let host = Host::new()
        .config("suffix", "!")
        .host_fn_in("env", "double", |_: String, Json(number): Json<u32>| Json(number * 2))
        .host_fn_in("env", "keep", |bytes: Vec<u8>| assert_eq!(bytes, b"kept"))
        .host_fn_in("env", "nothing", || ())
        .host_fn("next", |number: Vec<u8>| {
            let number = i64::from_bytes(&number).unwrap();
            (number + 1).to_bytes().unwrap().to_vec()
        });
    assert_eq!(host.call::<Name>(rename, "Jane").unwrap(), Name("Jane!89".to_owned()));
    let logs: Vec<_> = host.logs().into_iter().map(|log| log.message).collect();
    assert_eq!(logs, ["renaming Jane", "4"]);
}

#[test]
fn errors_have_codes_and_causes() {
    let host = Host::new().var("word", "tea");
    let fail = |key: &str| host.call::<()>(check, key).unwrap_err();
    assert_eq!((fail("").code(), fail("").message()), (Some(3), "no key"));
    let error = fail("other");
    assert_eq!((error.kind(), error.code()), (ErrorKind::Guest, Some(-1)));
    assert_eq!(error.message(), "cannot check\n\nCaused by:\n    no variable `other`");
    assert_eq!(
        fail("word").message(),
        "cannot check\n\nCaused by:\n    0: not a number\n    1: invalid digit found in string"
    );
}

#[test]
fn errors_of_host_functions_say_why_at_once() {
    let host = Host::new().host_fn_in("env", "double", |_: String, _: Vec<u8>| "two");
    let text = "cannot read the result of the host function `double`: \
                cannot decode JSON as u32: expected ident at line 1 column 2";
    assert_eq!(host.call::<String>(try_double, "").unwrap(), format!("failed: {text}|{text}"));
}

#[test]
fn encodings_of_the_authors_own() {
    let bytes = MyJson::<String>::default().to_bytes().unwrap();
    assert_eq!(bytes, b"\"none\"");
    assert!(MyJson::<String>::from_bytes(&bytes).unwrap().clone() == MyJson::default());
}

#[test]
fn cursors_read_from_the_bytes() {
    let mut cursor = Cursor::<&[u8]>::from_bytes(b"tea").unwrap();
    let mut start = [0; 2];
    cursor.read_exact(&mut start).unwrap();
    assert_eq!((&start, Cursor::<&str>::from_bytes(b"tea").unwrap().into_inner()), (b"te", "tea"));
}

#[test]
fn requests_are_values_too() {
    let host = Host::new().http_response_headers(true).http(|request: &Request| {
        assert_eq!((request.url.as_str(), request.headers["x-more"].as_str()), ("https://example.com", "1"));
        Response::new(201).header("x-kind", "tea").body("[1]")
    });
    let Json(found) =
        host.call::<Json<HashMap<String, String>>>(fetch, r#"{"url": "https://example.com"}"#).unwrap();
    let expected = [("status", "201"), ("length", "3"), ("body", "[1]"), ("x-kind", "tea")];
    assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[test]
fn results_of_all_kinds() {
    let host = Host::new();
    assert_eq!(host.call::<String>(copy, "\"tea\"").unwrap(), "tea");
    assert_eq!(host.call::<Holder<u8>>(hold, "").unwrap(), Holder { value: 7 });
    assert_eq!(host.call::<Vec<u8>>(hold, "").unwrap(), b"\x81\xa5value\x07");
    assert_eq!(host.call::<String>(encode, "tea").unwrap(), "dGVh");
    assert_eq!(host.call::<String>(|| by_hand(), "tea").unwrap(), "tea3");
}

#[test]
fn shared_functions_pass_blocks() {
    let joined = Host::new().run(|| {
        let pointer = |text: &str| {
            let block = Memory::new(&text).unwrap();
            // SAFETY: the block is a text.
            unsafe { extism_pdk::MemoryPointer::new(block.offset()) }
        };
        Memory::from(join(pointer("tea"), pointer("pot"))).to_string().unwrap()
    });
    assert_eq!(joined.unwrap(), "teapot");
}
