//! A plug-in that does what most plug-ins do: it answers with JSON, logs, gets a page, and keeps a file.

use std::fs;

use extism_pdk::{Error, FnResult, HttpRequest, Json, config, http, info, plugin_fn};
use serde::Serialize;

#[derive(Serialize)]
struct Greeting {
    message: String,
    from: String,
}

/// The input is a name.
#[plugin_fn]
pub fn hello(name: String) -> FnResult<Json<Greeting>> {
    info!("greeting {name}");
    Ok(Json(Greeting { message: format!("👋 Hello {name}"), from: "🦀 Rust".into() }))
}

/// The output is the page at the address that the config has under `url`.
#[plugin_fn]
pub fn fetch() -> FnResult<Vec<u8>> {
    let url = config::get("url")?.ok_or_else(|| Error::msg("the config has no url"))?;
    let response = http::request::<()>(&HttpRequest::new(&url), None)?;
    info!("{url} answered with status {}", response.status_code());
    Ok(response.body())
}

/// The input is written to a file, and the output is what reading it gives.
#[plugin_fn]
pub fn note(text: String) -> FnResult<String> {
    let path = "/mnt/hello.txt";
    fs::write(path, text)?;
    Ok(fs::read_to_string(path)?)
}
