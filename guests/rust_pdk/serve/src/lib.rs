//! Answers HTTP requests.

use std::collections::BTreeMap;

use plugwright_pdk::serve::{Request, Response};
use plugwright_pdk::{FnResult, plugin_fn};
use serde::Serialize;

/// What is said about a request.
#[derive(Serialize)]
struct Seen<'a> {
    method: &'a str,
    path: &'a str,
    route: &'a str,
    params: &'a BTreeMap<String, String>,
    query: &'a BTreeMap<String, Vec<String>>,
    many: Option<&'a Vec<String>>,
    body: &'a str,
}

/// The request as JSON, with a status and headers of our own.
#[plugin_fn]
pub fn describe(request: Request) -> FnResult<Response> {
    let seen = Seen {
        method: &request.method,
        path: &request.path,
        route: &request.route,
        params: &request.params,
        query: &request.query,
        many: request.headers.get("x-many"),
        body: request.text(),
    };
    let response = Response::json(&seen)?.with_status(201);
    Ok(response.with_header("set-cookie", "a=1").with_header("set-cookie", "b=2"))
}

/// The body from its end to its beginning, whether it is text or not.
#[plugin_fn]
pub fn reverse(request: Request) -> FnResult<Response> {
    let mut bytes = request.body()?;
    bytes.reverse();
    Ok(Response::bytes(bytes)?)
}

/// The item of this number, or why there is none.
#[plugin_fn]
pub fn item(request: Request) -> Response {
    match request.param("number").map(str::parse::<u32>) {
        Some(Ok(number)) => Response::text(format!("item {number}")),
        Some(Err(error)) => Response::text(error.to_string()).with_status(404),
        None => Response::new(204),
    }
}
