//! Reading the bodies of requests: at most so many bytes, in so much time, and not more than so many of all at once.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::metrics::Metrics;
use crate::problem::Problem;

/// How much of a body that is refused is taken nevertheless, and for how long: a client that is cut off while it sends may never see
/// why.
const DRAINED_BYTES: u64 = 16 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(1);

/// What bodies are limited to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimits {
    pub(crate) max_bytes: u64,
    pub(crate) max_buffered_bytes: u64,
    pub(crate) timeout: Duration,
}

/// A body in memory. It counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Buffered {
    pub(crate) bytes: Bytes,
    _counted: Counted,
}

/// Reads a body to its end.
pub(crate) async fn read(
    body: Incoming,
    limits: BodyLimits,
    metrics: &Arc<Metrics>,
) -> Result<Buffered, Problem> {
    let announced = body.size_hint().lower();
    if announced > limits.max_bytes {
        if announced - limits.max_bytes <= DRAINED_BYTES {
            drain(body);
        }
        return Err(Problem::too_large(limits.max_bytes));
    }
    let mut counted = Counted { bytes: 0, metrics: metrics.clone() };
    if body.is_end_stream() {
        return Ok(Buffered { bytes: Bytes::new(), _counted: counted });
    }
    counted.add(announced, limits.max_buffered_bytes)?;
    let mut body = body;
    // Most bodies come with the head, in one piece: they need no timer, and no copy.
    let first = match next_now(&mut body).await {
        Some(first) if body.is_end_stream() => {
            let bytes = first?.unwrap_or_default();
            check(bytes.len() as u64, limits, &mut counted)?;
            return Ok(Buffered { bytes, _counted: counted });
        }
        Some(first) => first?,
        None => None,
    };
    // On the heap, so that those others stay small.
    let collected = Box::pin(collect(&mut body, first, limits, &mut counted));
    match tokio::time::timeout(limits.timeout, collected).await {
        Ok(Ok(bytes)) => Ok(Buffered { bytes, _counted: counted }),
        Ok(Err(problem)) => {
            drain(body);
            Err(problem)
        }
        Err(_) => Err(Problem::too_slow()),
    }
}

/// Takes more of a body, and forgets it, while the response is on its way.
fn drain(mut body: Incoming) {
    tokio::spawn(tokio::time::timeout(DRAIN_TIME, async move {
        let mut drained = 0;
        while let Some(Ok(frame)) = body.frame().await {
            drained += frame.data_ref().map_or(0, Bytes::len) as u64;
            if drained > DRAINED_BYTES {
                return;
            }
        }
    }));
}

async fn collect(
    body: &mut Incoming,
    first: Option<Bytes>,
    limits: BodyLimits,
    counted: &mut Counted,
) -> Result<Bytes, Problem> {
    let mut piece = match first {
        Some(first) => Some(first),
        None => next(body).await?,
    };
    let first_len = piece.as_ref().map_or(0, Bytes::len) as u64;
    let expected = body.size_hint().lower().saturating_add(first_len).min(limits.max_bytes);
    let mut bytes = BytesMut::with_capacity(usize::try_from(expected).unwrap_or_default());
    while let Some(data) = piece {
        check((bytes.len() + data.len()) as u64, limits, counted)?;
        bytes.extend_from_slice(&data);
        piece = if body.is_end_stream() { None } else { next(body).await? };
    }
    Ok(bytes.freeze())
}

/// The next piece, if it has come already; nothing in it at the end.
async fn next_now(body: &mut Incoming) -> Option<Result<Option<Bytes>, Problem>> {
    let mut next = pin!(next(body));
    poll_fn(|context| match next.as_mut().poll(context) {
        Poll::Ready(piece) => Poll::Ready(Some(piece)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// The next piece; trailers are nothing to us.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Problem> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| Problem::incomplete())?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

fn check(len: u64, limits: BodyLimits, counted: &mut Counted) -> Result<(), Problem> {
    if len > limits.max_bytes {
        return Err(Problem::too_large(limits.max_bytes));
    }
    counted.add(len.saturating_sub(counted.bytes), limits.max_buffered_bytes)
}

/// Bytes that count as being in memory.
#[derive(Debug)]
struct Counted {
    bytes: u64,
    metrics: Arc<Metrics>,
}

impl Counted {
    fn add(&mut self, more: u64, max: u64) -> Result<(), Problem> {
        if more == 0 {
            return Ok(());
        }
        self.bytes += more;
        let before = self.metrics.buffered_bytes.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > max {
            return Err(
                Problem::busy("no-room", "the server has no room for more requests at the moment").closing()
            );
        }
        Ok(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.metrics.buffered_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}
