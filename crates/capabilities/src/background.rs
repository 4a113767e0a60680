//! A small runtime of our own that keeps connections to servers alive, whatever executor a plug-in's call runs on and for however
//! short a time.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::{Code, Failure};

/// The runtime, started when it is first needed.
///
/// # Errors
///
/// `Internal` when the system refuses to start its threads.
pub(crate) fn handle() -> Result<&'static Handle, Failure> {
    static RUNTIME: OnceLock<io::Result<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("plugwright-capabilities")
            .enable_all()
            .build()
    });
    runtime.as_ref().map(Runtime::handle).map_err(|error| {
        Failure::new(Code::Internal, format!("the host cannot start the threads for connections: {error}"))
    })
}

/// Does something on the runtime. When the future that waits for it is dropped, so is the work.
pub(crate) async fn run<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    Task(handle()?.spawn(work)).await
}

/// Work that ends with whoever waits for it.
struct Task<T>(JoinHandle<Result<T, Failure>>);

impl<T> Future for Task<T> {
    type Output = Result<T, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|joined| {
            joined.unwrap_or_else(|_| {
                Err(Failure::new(Code::Internal, "the host failed at this operation, and reported why"))
            })
        })
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
