//! Work on the runtime of connections that ends with whoever waits for it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::task::JoinHandle;

use crate::servers;
use crate::{Code, Failure};

/// Does something on the runtime. When the future that waits for it is dropped, so is the work.
pub(crate) async fn run<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    Task(servers::runtime()?.spawn(work)).await
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
