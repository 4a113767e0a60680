//! A connection, from its acceptance to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::activity::{Activity, Verdict, Watched};
use crate::app::App;
use crate::config::HttpLimits;
use crate::service::{Client, Reply};
use crate::tls::Tls;

/// The least that hyper takes for the buffer of a request's head.
const MIN_HEADER_BYTES: usize = 8 << 10;

/// How much is read at once, at most: a body of 64 KiB and its head come in one piece. From 128 KiB on, allocators get room from the
/// system each time, and its pages have to be made.
const MAX_BUFFER_BYTES: usize = 80 << 10;

/// An answer to come. On the heap, so that an idle connection is small.
pub(crate) type Answered = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// How requests that come over a connection are answered.
pub(crate) trait Answer: Clone + Send + Sync + 'static {
    fn answer(&self, client: Client, request: Request<Incoming>) -> Answered;
}

/// What all connections of a listener share.
pub(crate) struct Terms<A> {
    pub(crate) app: Arc<App>,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) answer: A,
    pub(crate) http: Protocols,
    /// Becomes true when connections are to end after what runs.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// How either version of HTTP is spoken.
#[derive(Clone)]
pub(crate) struct Protocols {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Protocols {
    /// HTTP within these limits.
    pub(crate) fn new(limits: &HttpLimits) -> Self {
        let max_header_bytes =
            usize::try_from(limits.max_header_bytes).unwrap_or(usize::MAX).max(MIN_HEADER_BYTES);
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            // Ours is another clock, which tells idle connections from slow ones.
            .header_read_timeout(None)
            .max_buf_size(max_header_bytes.max(MAX_BUFFER_BYTES));
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.max_streams)
            .max_header_list_size(u32::try_from(max_header_bytes).unwrap_or(u32::MAX))
            .initial_stream_window_size(256 << 10)
            .initial_connection_window_size(1 << 20);
        Self { http1, http2 }
    }

    fn speak<I, S>(&self, is_http2: bool, stream: I, service: S) -> Pin<Box<dyn Speaking>>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        S: HttpService<Incoming, ResBody = Full<Bytes>, Error = Infallible> + Send + 'static,
        S::Future: Send + 'static,
    {
        let stream = TokioIo::new(stream);
        if is_http2 {
            Box::pin(self.http2.serve_connection(stream, service))
        } else {
            Box::pin(self.http1.serve_connection(stream, service))
        }
    }
}

/// A connection that speaks HTTP until it ends.
///
/// On the heap, so that one over which nothing has come yet is small. hyper could find out the version by itself; but then it reads a
/// part of the first request on its own, and keeps a buffer of twice the size for each connection because of that.
trait Speaking: Future<Output = hyper::Result<()>> + Send {
    /// Ends it after what runs.
    fn finish(self: Pin<&mut Self>);
}

impl<I, S> Speaking for http1::Connection<I, S>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    S: HttpService<Incoming, ResBody = Full<Bytes>, Error = Infallible> + Send,
    S::Future: Send,
{
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S> Speaking for http2::Connection<I, S, TokioExecutor>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    S: HttpService<Incoming, ResBody = Full<Bytes>, Error = Infallible> + Send,
    S::Future: Send + 'static,
{
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Serves a connection to its end, when its place is free again.
pub(crate) async fn serve<A: Answer>(
    terms: Arc<Terms<A>>,
    stream: TcpStream,
    address: SocketAddr,
    _place: OwnedSemaphorePermit,
) {
    let metrics = &terms.app.metrics;
    metrics.accepted.fetch_add(1, Ordering::Relaxed);
    metrics.connections.fetch_add(1, Ordering::Relaxed);
    let _open = Open(&metrics.connections);
    // Answers are written at once; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    match &terms.tls {
        None => talk(&terms, stream, Client { address, secure: false }).await,
        // What is encrypted needs much more room.
        Some(tls) => Box::pin(encrypted(&terms, tls, stream, address)).await,
    }
}

async fn encrypted<A: Answer>(terms: &Terms<A>, tls: &Tls, stream: TcpStream, address: SocketAddr) {
    let handshake = TlsAcceptor::from(tls.current()).accept(stream);
    match tokio::time::timeout(terms.app.config.http.header_timeout, handshake).await {
        Ok(Ok(stream)) => talk(terms, stream, Client { address, secure: true }).await,
        Ok(Err(error)) => tracing::debug!(client = %address, %error, "no TLS connection"),
        Err(_) => slow(&terms.app, address),
    }
}

async fn talk<A: Answer>(
    terms: &Terms<A>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    client: Client,
) {
    let limits = &terms.app.config.http;
    let activity = Arc::new(Activity::new());
    let mut stream = Watched::new(stream, activity.clone(), limits.write_timeout);
    let mut stopping = terms.stopping.clone();
    let mut clock = pin!(tokio::time::sleep_until(Instant::now() + limits.header_timeout));
    let is_http2 = loop {
        tokio::select! {
            biased;
            known = stream.is_http2() => match known {
                Ok(is_http2) => break is_http2,
                Err(error) => return failed(client, &error),
            },
            () = clock.as_mut() => match activity.look(limits) {
                Verdict::Fine(until) => clock.as_mut().reset(until),
                Verdict::Slow => return slow(&terms.app, client.address),
                Verdict::Idle => return,
            },
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    };
    let service = service_fn({
        let (answer, activity) = (terms.answer.clone(), activity.clone());
        move |request| {
            let answering = activity.request();
            let reply = answer.answer(client, request);
            async move {
                let reply = reply.await;
                drop(answering);
                Ok::<_, Infallible>(reply)
            }
        }
    });
    let mut connection = terms.http.speak(is_http2, stream, service);
    let mut ending = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    failed(client, &error);
                }
                return;
            }
            () = clock.as_mut() => match activity.look(limits) {
                Verdict::Fine(until) => clock.as_mut().reset(until),
                Verdict::Slow => return slow(&terms.app, client.address),
                // Politely once; whoever does not listen is cut.
                Verdict::Idle if ending => return,
                Verdict::Idle => {
                    ending = true;
                    connection.as_mut().finish();
                    clock.as_mut().reset(Instant::now() + limits.header_timeout);
                }
            },
            _ = stopping.wait_for(|stopping| *stopping), if !ending => {
                ending = true;
                connection.as_mut().finish();
            }
        }
    }
}

#[cold]
fn failed(client: Client, error: &(dyn std::error::Error + 'static)) {
    tracing::debug!(client = %client.address, error = %root_cause(error), "a connection failed");
}

#[cold]
fn slow(app: &App, address: SocketAddr) {
    app.metrics.slow_clients.fetch_add(1, Ordering::Relaxed);
    tracing::debug!(client = %address, "a client was too slow");
}

/// The innermost of an error's causes, which says most.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Counts a connection while it is open.
struct Open<'a>(&'a std::sync::atomic::AtomicI64);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
