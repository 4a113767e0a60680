//! Makes HTTP requests through the host.

use std::collections::BTreeMap;

use extism_pdk::{http, plugin_fn, Error, FnResult, HttpRequest, HttpResponse, Json};
use serde::Serialize;

/// Returns the body found at the URL that is the input.
#[plugin_fn]
pub fn http_get(url: String) -> FnResult<Vec<u8>> {
    Ok(get(&url)?.body())
}

#[derive(Serialize)]
struct Status {
    status: u16,
    headers: BTreeMap<String, String>,
}

/// Returns the status and the headers of the response, not its body.
#[plugin_fn]
pub fn http_status(url: String) -> FnResult<Json<Status>> {
    let response = get(&url)?;
    let headers = response.headers().clone().into_iter().collect();
    Ok(Json(Status { status: response.status_code(), headers }))
}

fn get(url: &str) -> Result<HttpResponse, Error> {
    http::request::<()>(&HttpRequest::new(url).with_method("GET"), None)
}
