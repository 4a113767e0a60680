//! Outgoing HTTP: requests of guests, and the download of plug-ins.
//!
//! Redirects are followed here and not by the HTTP library, so that every hop of a guest's request is checked against
//! the hosts that its manifest allows. Bodies are counted while they arrive and are never decompressed, so a limit in
//! bytes bounds what is held in memory.
//!
//! A redirect from `https` to `http` is refused, even to an allowed host: it would send on in the clear what the caller
//! asked to encrypt. Proxies are those of the environment (`HTTP_PROXY`, `HTTPS_PROXY`,
//! `ALL_PROXY`, `NO_PROXY`).
//!
//! URLs and headers may hold secrets. Messages show the origin of a guest's URL, and the path too of a plug-in's URL,
//! which the operator wrote; never a user, a password, a query or a header's value.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use reqwest::Client;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use crate::fork::PerProcess;
use crate::trace;
use exchange::{Exchange, Purpose};
use failure::Failure;

mod exchange;
mod failure;
mod headers;
mod policy;
mod request;
#[cfg(test)]
mod tests;

pub(crate) use failure::shown as shown_url;
pub(crate) use policy::HttpPolicy;
pub(crate) use request::Request;

/// The longest time for connecting to a server, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest time for a guest's request, redirects and body included, when its call has no deadline.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a connection without use is kept for the next request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Lower-case names; the values of a repeated header are joined by `, `.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// Performs a guest's request under its policy.
///
/// `handle` is a runtime with I/O and time enabled. It must be the same at every call of the process: connections that
/// wait for their next use belong to it. The future may be polled by any executor; dropping it ends the request.
///
/// Without a deadline the request may take [`DEFAULT_TIMEOUT`].
///
/// # Errors
///
/// `Http` when the request is invalid, a host is not allowed, or the exchange fails; `Limit` when the body is too long;
/// `Timeout` when the deadline passes.
pub(crate) async fn send(
    handle: Handle,
    request: Request,
    policy: Arc<HttpPolicy>,
    deadline: Option<Instant>,
) -> Result<Response> {
    let end = End::of_call(deadline, DEFAULT_TIMEOUT);
    // Here and not in the task: what a guest wrote must not keep the thread of everybody's timers busy.
    let exchange = request.into_exchange(&policy).map_err(Failure::into_http_error)?;
    let work = async move { exchange.perform(client()?).await };
    trace::host_function("http_request", run(&handle, work, end)).await.map_err(Failure::into_http_error)
}

/// Fetches a plug-in's code. The URL is the operator's, so there is no list of allowed hosts; since `headers` often
/// hold a key to one server, they do not follow a redirect to another.
///
/// `handle` is as for [`send`].
///
/// # Errors
///
/// `Load` in every case: an invalid request, a failed exchange, a status other than 2xx, more than `max_bytes`, or no
/// complete answer within `timeout`.
pub(crate) async fn download(
    handle: Handle,
    url: &str,
    method: Option<&str>,
    headers: &BTreeMap<String, String>,
    max_bytes: u64,
    timeout: Duration,
) -> Result<Vec<u8>> {
    let work = request::parse(url, method, headers).map(|parsed| {
        let exchange = Exchange {
            url: parsed.url,
            method: parsed.method,
            headers: parsed.headers,
            body: None,
            allowed: None,
            purpose: Purpose::Download,
            max_body_bytes: max_bytes,
        };
        async move { exchange.perform(client()?).await }
    });
    let result = match work {
        Ok(work) => run(&handle, work, End::after(timeout)).await,
        Err(failure) => Err(failure),
    };
    result.map(|response| response.body).map_err(|failure| failure.into_load_error(url))
}

/// The client that all requests of the process share.
fn client() -> Result<&'static Client, Failure> {
    static CLIENT: PerProcess<Client> = PerProcess::new();
    CLIENT.get_or_try_init(|| {
        let builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .referer(false)
            .user_agent(concat!("plugwright/", env!("CARGO_PKG_VERSION")));
        // Tests talk to this machine, whatever proxy the environment names.
        #[cfg(test)]
        let builder = builder.no_proxy();
        builder.build().map_err(|error| Failure::NoClient(failure::root_cause(&error)))
    })
}

/// When a request has to be over.
#[derive(Debug, Clone, Copy)]
struct End {
    at: Instant,
    /// What the time was, unless it is the deadline of a call.
    timeout: Option<Duration>,
}

impl End {
    fn of_call(deadline: Option<Instant>, default: Duration) -> Self {
        match deadline {
            Some(at) => Self { at, timeout: None },
            None => Self::after(default),
        }
    }

    fn after(timeout: Duration) -> Self {
        let now = Instant::now();
        // A timeout beyond what the clock can express is cut to one that nobody lives to see.
        let at = now.checked_add(timeout).unwrap_or_else(|| now + Duration::from_secs(86_400 * 365));
        Self { at, timeout: Some(timeout) }
    }
}

/// Drives `work` on the runtime until it is done, `end` is reached, or the returned future is dropped.
async fn run<T: Send + 'static>(
    handle: &Handle,
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    end: End,
) -> Result<T, Failure> {
    let task = handle.spawn(async move {
        match tokio::time::timeout_at(end.at.into(), work).await {
            Ok(result) => result,
            Err(_) => Err(end.timeout.map_or(Failure::Deadline, Failure::NoAnswer)),
        }
    });
    // A task fails only by a panic in the HTTP library, or when the runtime shuts down.
    AbortOnDrop(task).await.unwrap_or(Err(Failure::Interrupted))
}

/// A task that ends when nobody waits for it any more.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T, tokio::task::JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
