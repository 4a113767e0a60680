//! Watching a connection: what its client is doing, and for how long.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::config::HttpLimits;

/// What a connection is doing. Written by whoever reads from it and answers it, read by its timer.
#[derive(Debug)]
pub(crate) struct Activity {
    began: Instant,
    /// Requests that are not answered yet.
    in_flight: AtomicU32,
    /// When it last became idle, or the first byte of a request came: milliseconds since `began`.
    since: AtomicU64,
    /// Whether bytes came since it became idle.
    reading: AtomicBool,
    /// Whether it speaks HTTP/2, where bytes need not belong to a request.
    http2: AtomicBool,
}

/// What to do about a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Look again then.
    Fine(Instant),
    /// It has been idle for long: close it politely.
    Idle,
    /// The client is too slow: cut it.
    Slow,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            in_flight: AtomicU32::new(0),
            since: AtomicU64::new(0),
            reading: AtomicBool::new(false),
            http2: AtomicBool::new(false),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A request has come.
    pub(crate) fn request(self: &Arc<Self>) -> Answering {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Answering(self.clone())
    }

    /// Bytes have come.
    fn read(&self) {
        if self.in_flight.load(Ordering::Relaxed) == 0 && !self.reading.swap(true, Ordering::Relaxed) {
            self.since.store(self.now(), Ordering::Relaxed);
        }
    }

    /// What to do now.
    pub(crate) fn look(&self, limits: &HttpLimits) -> Verdict {
        let now = Instant::now();
        if self.in_flight.load(Ordering::Relaxed) > 0 {
            return Verdict::Fine(now + limits.header_timeout.min(limits.idle_timeout));
        }
        let since = self.began + Duration::from_millis(self.since.load(Ordering::Relaxed));
        let reading = self.reading.load(Ordering::Relaxed) && !self.http2.load(Ordering::Relaxed);
        if reading {
            let end = since + limits.header_timeout;
            return if now >= end { Verdict::Slow } else { Verdict::Fine(end) };
        }
        let end = since + limits.idle_timeout;
        // Bytes may come any time, and their clock is shorter.
        if now >= end { Verdict::Idle } else { Verdict::Fine(end.min(now + limits.header_timeout)) }
    }
}

/// A request that is being answered, until this is dropped.
pub(crate) struct Answering(Arc<Activity>);

impl Drop for Answering {
    fn drop(&mut self) {
        let activity = &self.0;
        activity.reading.store(false, Ordering::Relaxed);
        activity.since.store(activity.now(), Ordering::Relaxed);
        activity.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How a connection in HTTP/2 begins, and no request in HTTP/1 does.
const HTTP2: [u8; 4] = *b"PRI ";

/// A stream that notes when something comes, and fails when what is written is not taken for long.
pub(crate) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
    write_timeout: Duration,
    /// The first bytes that came, to be read once more.
    first: [u8; HTTP2.len()],
    /// How many they are.
    first_len: usize,
    /// While the client takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Watched<S> {
    pub(crate) fn new(stream: S, activity: Arc<Activity>, write_timeout: Duration) -> Self {
        Self { stream, activity, write_timeout, first: [0; HTTP2.len()], first_len: 0, stalled: None }
    }

    /// Lets a write that could not go on fail, once that is so for long.
    fn patience<T>(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let timeout = self.write_timeout;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the client takes no bytes")))
    }
}

impl<S: AsyncRead + Unpin> Watched<S> {
    /// Waits for the first bytes, and says whether a connection in HTTP/2 begins with them. What reads next gets them too.
    ///
    /// Dropping the future loses nothing.
    pub(crate) async fn is_http2(&mut self) -> io::Result<bool> {
        poll_fn(|context| {
            while self.first_len < HTTP2.len() && HTTP2.starts_with(&self.first[..self.first_len]) {
                let mut buffer = ReadBuf::new(&mut self.first[self.first_len..]);
                ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
                match buffer.filled().len() {
                    0 => return Poll::Ready(Ok(false)),
                    read => self.first_len += read,
                }
                self.activity.read();
            }
            let is_http2 = self.first == HTTP2;
            self.activity.http2.store(is_http2, Ordering::Relaxed);
            Poll::Ready(Ok(is_http2))
        })
        .await
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // With what came after them, so that a request comes in one piece.
        let first = self.first_len.min(buffer.remaining());
        if first > 0 {
            buffer.put_slice(&self.first[..first]);
            self.first.copy_within(first.., 0);
            self.first_len -= first;
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.activity.read();
        }
        // Bytes that are there are there, whether more come or not; after an error nothing more will.
        if first > 0 { Poll::Ready(Ok(())) } else { polled }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.patience(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.patience(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        self.patience(context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(context);
        self.patience(context, polled)
    }
}
