//! A plug-in's standard input, output and error.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::MAX_CAPTURED_BYTES;

/// How much a guest may write at a time.
const WRITE_BYTES: usize = 64 * 1024;

/// Where a plug-in's standard output or error goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Stdio {
    /// Nowhere: what the plug-in writes is dropped.
    #[default]
    Closed,
    /// To the host's own.
    Inherit,
    /// Into memory, up to [`MAX_CAPTURED_BYTES`], until the host takes it.
    Capture,
}

/// Where a plug-in's standard input comes from.
#[derive(Debug, Clone, Default)]
pub(crate) enum Stdin {
    #[default]
    Closed,
    Inherit,
    Bytes(Arc<[u8]>),
}

impl Stdin {
    pub(super) fn apply(&self, builder: &mut WasiCtxBuilder) {
        match self {
            Self::Closed => {}
            Self::Inherit => drop(builder.inherit_stdin()),
            Self::Bytes(bytes) => drop(builder.stdin(MemoryInputPipe::new(Bytes::copy_from_slice(bytes)))),
        }
    }
}

/// What a plug-in wrote, as far as it is captured.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    pub(crate) stdout: CapturedStream,
    pub(crate) stderr: CapturedStream,
}

/// Bytes written to one stream; more than the limit is dropped.
#[derive(Debug, Clone, Default)]
pub(crate) struct CapturedStream(Arc<Mutex<Vec<u8>>>);

impl CapturedStream {
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn append(&self, bytes: &[u8]) {
        let mut captured = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_CAPTURED_BYTES.saturating_sub(captured.len());
        captured.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

impl IsTerminal for CapturedStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for CapturedStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for CapturedStream {
    async fn ready(&mut self) {}
}

impl OutputStream for CapturedStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.append(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES)
    }
}

impl AsyncWrite for CapturedStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.append(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
