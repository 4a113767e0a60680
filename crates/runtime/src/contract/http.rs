//! Outgoing HTTP for guests.

use std::future::Future;
use std::sync::Arc;

use wasmtime::{Linker, Result};

use super::{ENV, Guest, begin, copy, new_block};
use crate::engine::Flavor;
use crate::error::{Error, ErrorKind};
use crate::executor;
use crate::http::{HttpPolicy, Request, Response, send};
use crate::interrupt::Interrupts;
use crate::kernel_memory;
use crate::state::{LastResponse, State};

/// The function that waits for an answer.
pub(super) const REQUEST: &str = "http_request";

/// The longest description of a request, with its URL and headers: 1 MiB.
const MAX_REQUEST_BYTES: u64 = 1 << 20;

/// The longest body of a request: 64 MiB.
const MAX_BODY_BYTES: u64 = 64 << 20;

pub(super) fn add_to_linker(linker: &mut Linker<State>, flavor: Flavor) -> Result<()> {
    match flavor {
        Flavor::Blocking => {
            linker.func_wrap(
                ENV,
                REQUEST,
                |mut guest: Guest<'_>, request: u64, body: u64| -> Result<u64> {
                    executor::block_on(http_request(&mut guest, request, body))
                        .map_err(wasmtime::Error::new)?
                },
            )?;
        }
        Flavor::Async => {
            linker.func_wrap_async(ENV, REQUEST, |mut guest: Guest<'_>, (request, body): (u64, u64)| {
                Box::new(async move { http_request(&mut guest, request, body).await })
            })?;
        }
    }
    linker.func_wrap(ENV, "http_status_code", |guest: Guest<'_>| -> i32 {
        i32::from(guest.data().last_response.status)
    })?;
    linker.func_wrap(ENV, "http_headers", |mut guest: Guest<'_>| -> Result<u64> {
        match guest.data().last_response.headers.clone() {
            Some(headers) => new_block(&mut guest, &headers),
            None => Ok(0),
        }
    })?;
    Ok(())
}

async fn http_request(guest: &mut Guest<'_>, request: u64, body: u64) -> Result<u64> {
    let (request_block, body_block) = (request, body);
    let (request, state) = begin(guest, request_block)?;
    fits("request", request.len() as u64, MAX_REQUEST_BYTES)?;
    fits("body of the request", state.kernel.block(body_block).len, MAX_BODY_BYTES)?;
    let request = request.to_vec();
    let body = if body_block == 0 { None } else { Some(copy(guest, body_block)?) };
    let state = guest.data();
    let response = perform(&request, body, state.settings.http.clone(), state.call.interrupts.clone());
    let response = response.await.map_err(wasmtime::Error::new)?;
    let shown = guest.data().session.show_response_headers;
    let headers = if shown { serde_json::to_vec(&response.headers).ok() } else { None };
    guest.data_mut().last_response = LastResponse { status: response.status, headers };
    let block = new_block(guest, &response.body);
    kernel_memory::free(&mut *guest, request_block);
    kernel_memory::free(guest, body_block);
    block
}

fn fits(what: &str, len: u64, max: u64) -> Result<()> {
    if len <= max {
        return Ok(());
    }
    let message = format!("HTTP: the {what} has {len} bytes, but at most {max} are allowed");
    Err(wasmtime::Error::new(Error::new(ErrorKind::Limit, message)))
}

fn perform(
    request: &[u8],
    body: Option<Vec<u8>>,
    policy: Arc<HttpPolicy>,
    interrupts: Interrupts,
) -> impl Future<Output = crate::Result<Response>> + Send {
    let request = Request::from_guest_json(request);
    async move {
        let request = Request { body, ..request? };
        let response = send(executor::handle()?.clone(), request, policy, interrupts.deadline);
        interrupts.race(response).await?
    }
}
