//! A bound on the messages of the server: a row of a gigabyte would be in the host's memory before anybody could look at it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The bytes of a message's type and length.
const HEADER: usize = 5;
/// What every message may have: descriptions of many columns, notices, errors.
const ALWAYS: usize = 1 << 20;
/// What all messages together may cost while a statement is prepared.
const PREPARING: u64 = 1 << 20;
/// What an answer costs then beyond its bytes. The client asks for the types that a plug-in has made one by one, and by recursion: some
/// thousand that are nested would overflow the stack of the thread, which ends the host. These are at most 256.
const ANSWER: u64 = 4096;
/// The type of the message at the end of each answer: `ReadyForQuery`.
const READY: u8 = b'Z';

/// The bound of one connection.
#[derive(Debug)]
pub(super) struct Bound {
    more: AtomicUsize,
    /// What messages may still cost.
    left: AtomicU64,
    is_exceeded: AtomicBool,
}

impl Default for Bound {
    fn default() -> Self {
        Self {
            more: AtomicUsize::new(0),
            left: AtomicU64::new(u64::MAX),
            is_exceeded: AtomicBool::new(false),
        }
    }
}

impl Bound {
    /// Lets messages have so many bytes, and some for what is not a row.
    pub(super) fn set(&self, bytes: u64) {
        self.more.store(usize::try_from(bytes).unwrap_or(usize::MAX), Ordering::Relaxed);
    }

    /// Bounds all messages together, while a statement is prepared.
    pub(super) fn begin_preparing(&self) {
        self.left.store(PREPARING, Ordering::Relaxed);
    }

    /// Ends that, and returns what the messages have cost.
    pub(super) fn end_preparing(&self) -> u64 {
        PREPARING.saturating_sub(self.left.swap(u64::MAX, Ordering::Relaxed))
    }

    /// Whether a message of this type and length may come.
    fn admits(&self, kind: u8, length: usize) -> bool {
        let cost = (length as u64).saturating_add(if kind == READY { ANSWER } else { 0 });
        let pay = |left: u64| left.checked_sub(cost);
        length <= ALWAYS.saturating_add(self.more.load(Ordering::Relaxed))
            && self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay).is_ok()
    }

    /// Whether there was more than that. The connection has ended then.
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
                let [kind, a, b, c, d] = self.header;
                // The length counts itself.
                let length = u32::from_be_bytes([a, b, c, d]).saturating_sub(4);
                self.left = usize::try_from(length).unwrap_or(usize::MAX);
                if !self.bound.admits(kind, self.left) {
                    self.bound.is_exceeded.store(true, Ordering::Release);
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "the server sends too much"));
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

    use super::{ALWAYS, ANSWER, Bound, Frames, PREPARING, READY};

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
    #[test]
    fn answers_are_counted_while_a_statement_is_prepared() {
        let bound = Arc::new(Bound::default());
        let mut frames = Frames::new((), bound.clone());
        let answer = [READY, 0, 0, 0, 5, b'I'];
        bound.begin_preparing();
        frames.look(&answer).expect("one");
        assert_eq!(bound.end_preparing(), ANSWER + 1);
        for _ in 0..PREPARING {
            frames.look(&answer).expect("as many as there are when nothing is prepared");
        }
        bound.begin_preparing();
        for _ in 0..255 {
            frames.look(&answer).expect("not too many");
        }
        frames.look(&answer).expect_err("too many");
        assert!(bound.is_exceeded());
    }
}
