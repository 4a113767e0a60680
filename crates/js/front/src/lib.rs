//! Reads one file of JavaScript or TypeScript for `plugwright build`.
//!
//! This is a plug-in itself: the parser never runs outside of the sandbox, and the command does not have to be compiled with it.
//! `read` takes a [`Request`](protocol::Request) and gives a [`File`](protocol::File), both in JSON; there is no state.

mod declarations;
mod imports;
mod problems;
mod protocol;
mod read;
mod reexports;
mod signatures;
mod types;

use plugwright_pdk::{FnResult, Json, plugin_fn};

/// Reads a file: what it imports, its code without types, what its types say.
///
/// Errors of the file are a part of the result; the call itself never fails.
#[plugin_fn]
pub fn read(Json(request): Json<protocol::Request>) -> FnResult<Json<protocol::File>> {
    Ok(Json(read::read(&request)))
}
