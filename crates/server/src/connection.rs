//! A connection, from its acceptance to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::activity::{Activity, Verdict, Watched};
use crate::app::App;
use crate::config::HttpLimits;
use crate::service::{Client, Reply};
use crate::tls::Tls;

/// The least that hyper takes for the buffer of a request's head.
const MIN_HEADER_BYTES: usize = 8 << 10;

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
    pub(crate) http: Builder<TokioExecutor>,
    /// Becomes true when connections are to end after what runs.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// How HTTP is spoken within these limits.
pub(crate) fn http(limits: &HttpLimits) -> Builder<TokioExecutor> {
    let max_header_bytes =
        usize::try_from(limits.max_header_bytes).unwrap_or(usize::MAX).max(MIN_HEADER_BYTES);
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // Ours is another clock, which tells idle connections from slow ones.
        .header_read_timeout(None)
        .max_buf_size(max_header_bytes.max(64 << 10));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.max_streams)
        .max_header_list_size(u32::try_from(max_header_bytes).unwrap_or(u32::MAX))
        .initial_stream_window_size(256 << 10)
        .initial_connection_window_size(1 << 20);
    builder
}

/// Serves a connection to its end.
pub(crate) async fn serve<A: Answer>(terms: Arc<Terms<A>>, stream: TcpStream, address: SocketAddr) {
    let metrics = terms.app.metrics.clone();
    metrics.accepted.fetch_add(1, Ordering::Relaxed);
    metrics.connections.fetch_add(1, Ordering::Relaxed);
    let _open = Open(&metrics.connections);
    // Answers are written at once; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    let Some(tls) = &terms.tls else { return talk(&terms, stream, Client { address, secure: false }).await };
    let handshake = TlsAcceptor::from(tls.current()).accept(stream);
    match tokio::time::timeout(terms.app.config.http.header_timeout, handshake).await {
        Ok(Ok(stream)) => talk(&terms, stream, Client { address, secure: true }).await,
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
    let stream = TokioIo::new(Watched::new(stream, activity.clone(), limits.write_timeout));
    let mut connection = pin!(terms.http.serve_connection(stream, service));
    let mut stopping = terms.stopping.clone();
    let mut ending = false;
    let mut clock = pin!(tokio::time::sleep_until(Instant::now() + limits.header_timeout));
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(client = %client.address, error = %root_cause(&*error), "a connection failed");
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
                    connection.as_mut().graceful_shutdown();
                    clock.as_mut().reset(Instant::now() + limits.header_timeout);
                }
            },
            _ = stopping.wait_for(|stopping| *stopping), if !ending => {
                ending = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
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
