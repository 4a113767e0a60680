//! Outgoing HTTP for guests.

use std::future::Future;
use std::sync::Arc;

use wasmtime::{Linker, Result};

use super::{ENV, Guest, copy, new_block};
use crate::engine::Flavor;
use crate::executor;
use crate::http::{HttpPolicy, Request, Response, send};
use crate::interrupt::Interrupts;
use crate::state::{LastResponse, State};

pub(super) fn add_to_linker(linker: &mut Linker<State>, flavor: Flavor) -> Result<()> {
    match flavor {
        Flavor::Blocking => {
            linker.func_wrap(
                ENV,
                "http_request",
                |mut guest: Guest<'_>, request: u64, body: u64| -> Result<u64> {
                    executor::block_on(http_request(&mut guest, request, body))
                        .map_err(wasmtime::Error::new)?
                },
            )?;
        }
        Flavor::Async => {
            linker.func_wrap_async(
                ENV,
                "http_request",
                |mut guest: Guest<'_>, (request, body): (u64, u64)| {
                    Box::new(async move { http_request(&mut guest, request, body).await })
                },
            )?;
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
    let request = copy(guest, request_block)?;
    let body = if body_block == 0 { None } else { Some(copy(guest, body_block)?) };
    let state = guest.data();
    let response = perform(&request, body, state.settings.http.clone(), state.call.interrupts.clone());
    let response = response.await.map_err(wasmtime::Error::new)?;
    let shown = guest.data().settings.http_response_headers;
    let headers = if shown { serde_json::to_vec(&response.headers).ok() } else { None };
    guest.data_mut().last_response = LastResponse { status: response.status, headers };
    let block = new_block(guest, &response.body);
    guest.data_mut().kernel.free(request_block);
    guest.data_mut().kernel.free(body_block);
    block
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
