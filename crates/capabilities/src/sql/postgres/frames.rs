//! A bound on the messages of the server: a row of a gigabyte would be in the host's memory before anybody could look at it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The bytes of a message's type and length.
const HEADER: usize = 5;
/// What every message may have: descriptions of many columns, notices, errors.
const ALWAYS: usize = 1 << 20;

/// The bound of one connection.
#[derive(Debug, Default)]
pub(super) struct Bound {
    more: AtomicUsize,
    is_exceeded: AtomicBool,
}

impl Bound {
    /// Lets messages have so many bytes, and some for what is not a row.
    pub(super) fn set(&self, bytes: u64) {
        self.more.store(usize::try_from(bytes).unwrap_or(usize::MAX), Ordering::Relaxed);
    }

    /// Whether a message was larger. The connection has ended then.
    pub(super) fn is_exceeded(&self) -> bool {
        self.is_exceeded.load(Ordering::Acquire)
    }
}

/// A stream from the server that ends at a message that is too large.
#[derive(Debug)]
pub(super) struct Frames<S> {
    stream: S,
    header: [u8; HEADER],
    /// How much of a header has been seen.
    seen: usize,
    /// What is left of a message.
    left: usize,
    bound: Arc<Bound>,
}

impl<S> Frames<S> {
    pub(super) fn new(stream: S, bound: Arc<Bound>) -> Self {
        Self { stream, header: [0; HEADER], seen: 0, left: 0, bound }
    }

    fn look(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let passed = self.left.min(bytes.len());
                self.left -= passed;
                bytes = &bytes[passed..];
                continue;
            }
            self.header[self.seen] = *first;
            self.seen += 1;
            bytes = rest;
            if self.seen == HEADER {
                self.seen = 0;
                let [_, a, b, c, d] = self.header;
                // The length counts itself.
                let length = u32::from_be_bytes([a, b, c, d]).saturating_sub(4);
                self.left = usize::try_from(length).unwrap_or(usize::MAX);
                if self.left > ALWAYS.saturating_add(self.bound.more.load(Ordering::Relaxed)) {
                    self.bound.is_exceeded.store(true, Ordering::Release);
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "a message is too large"));
                }
            }
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Frames<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        Poll::Ready(self.look(buffer.filled().get(before..).unwrap_or_default()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Frames<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{ALWAYS, Bound, Frames};

    fn message(length: u32) -> Vec<u8> {
        let mut message = vec![b'D'];
        message.extend((length + 4).to_be_bytes());
        message
    }

    #[test]
    fn a_message_beyond_the_bound_is_seen_by_its_header_however_it_is_cut() {
        let small = [message(3), vec![1, 2, 3], message(0)].concat();
        for cut in 0..small.len() {
            let bound = Arc::new(Bound::default());
            bound.set(10);
            let mut frames = Frames::new((), bound.clone());
            frames.look(&small[..cut]).expect("small");
            frames.look(&small[cut..]).expect("small");
            frames.look(&message(ALWAYS as u32 + 10)).expect("just small enough");
            frames.look(&vec![0; ALWAYS + 10]).expect("its content");
            assert!(!bound.is_exceeded());
            frames.look(&message(ALWAYS as u32 + 11)).expect_err("too large");
            assert!(bound.is_exceeded());
        }
    }
}
