//! Host functions whose failures are replies.

use std::error::Error as StdError;
use std::sync::Arc;
#[cfg(any(feature = "kv", feature = "sql"))]
use std::time::Duration;

use plugwright::{BoxFuture, CurrentPlugin, HostFunction, Val, ValType};
#[cfg(any(feature = "kv", feature = "sql"))]
use tokio::sync::Semaphore;

#[cfg(any(feature = "kv", feature = "sql"))]
use crate::patience::Patience;
use crate::{Code, Failure, reply};

/// What a function found out: the whole reply, or why there is none.
pub(crate) type Outcome = Result<Vec<u8>, Failure>;

type BoxError = Box<dyn StdError + Send + Sync>;

/// What stops a plug-in's call: the plug-in passed something that is no block, or has no memory left for the reply.
pub(crate) type Stop = plugwright::Error;

/// A function of `N` 64-bit integers, most of them offsets, that answers at once.
#[cfg(feature = "kv")]
pub(crate) fn at_once<const N: usize, F>(name: &str, function: F) -> HostFunction
where
    F: for<'a, 'b> Fn(&'a mut CurrentPlugin<'b>, [u64; N]) -> Result<Outcome, Stop> + Send + Sync + 'static,
{
    HostFunction::raw(name, [ValType::I64; N], [ValType::I64], move |plugin, values, results| {
        let outcome = function(plugin, integers(values))?;
        answer(plugin, outcome, results)
    })
}

/// A function of `N` 64-bit integers that waits for something. `begin` reads what the plug-in passed; what it returns does not have the
/// plug-in any more, and is dropped when the call must stop.
pub(crate) fn waiting<const N: usize, F, W>(name: &str, begin: F) -> HostFunction
where
    F: for<'a, 'b> Fn(&'a mut CurrentPlugin<'b>, [u64; N]) -> Result<W, Stop> + Send + Sync + 'static,
    W: Future<Output = Outcome> + Send + 'static,
{
    let begin = Arc::new(begin);
    HostFunction::raw_async(name, [ValType::I64; N], [ValType::I64], move |plugin, values, results| {
        let begin = begin.clone();
        let future: BoxFuture<'_, Result<(), BoxError>> = Box::pin(async move {
            let work = begin(plugin, integers(values))?;
            let outcome = work.await;
            answer(plugin, outcome, results)
        });
        future
    })
}

/// Work that blocks its thread.
#[cfg(any(feature = "kv", feature = "sql"))]
pub(crate) struct Work<W> {
    /// What bounds how many threads are kept from others by such work. None for work that others wait for.
    pub(crate) gate: Option<Arc<Semaphore>>,
    pub(crate) work: W,
}

/// A function of `N` 64-bit integers whose work blocks its thread. `begin` reads what the plug-in passed. The work is done on the call's
/// own thread if the call occupies that, otherwise on one of those that an executor has for work that blocks.
#[cfg(any(feature = "kv", feature = "sql"))]
pub(crate) fn blocking<const N: usize, F, W>(name: &str, timeout: Duration, begin: F) -> HostFunction
where
    F: for<'a, 'b> Fn(&'a mut CurrentPlugin<'b>, [u64; N]) -> Result<Result<Work<W>, Failure>, Stop>
        + Send
        + Sync
        + 'static,
    W: FnOnce(&Patience) -> Outcome + Send + 'static,
{
    waiting(name, move |plugin, values| {
        let work = begin(plugin, values)?;
        let patience = Patience::of(plugin, timeout);
        Ok(async move {
            let Work { gate, work } = work?;
            match patience.awaited() {
                None => {
                    let outcome = work(&patience);
                    if outcome.is_err() && patience.must_stop() {
                        // Whoever polls this finds the same, and drops it.
                        return std::future::pending().await;
                    }
                    outcome
                }
                Some(awaited) => {
                    let outcome = elsewhere(gate, work, patience).await;
                    drop(awaited);
                    outcome
                }
            }
        })
    })
}

/// Does the work on another thread.
#[cfg(any(feature = "kv", feature = "sql"))]
async fn elsewhere(
    gate: Option<Arc<Semaphore>>,
    work: impl FnOnce(&Patience) -> Outcome + Send + 'static,
    patience: Patience,
) -> Outcome {
    let late = || Failure::new(Code::Timeout, "others kept the store busy for too long; nothing was done");
    let place = match gate {
        Some(gate) => {
            let place = tokio::time::timeout_at(patience.deadline.into(), gate.acquire_owned());
            Some(place.await.map_err(|_| late())?)
        }
        None => None,
    };
    let worked = tokio::task::spawn_blocking(move || {
        // Kept until the work has ended, also when nobody awaits it any more.
        let _place = place;
        // All threads may have been busy until the time was over.
        if patience.is_over() {
            return Err(late());
        }
        work(&patience)
    });
    match worked.await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(outcome) => outcome,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(_)) => Err(Failure::new(Code::Internal, "the host is shutting down")),
    }
}

/// The integers that were passed; the linker has checked their number and types.
fn integers<const N: usize>(values: &[Val]) -> [u64; N] {
    std::array::from_fn(|index| values.get(index).and_then(|value| value.offset()).unwrap_or_default())
}

/// Gives the reply to the plug-in.
fn answer(plugin: &mut CurrentPlugin<'_>, outcome: Outcome, results: &mut [Val]) -> Result<(), BoxError> {
    let reply = outcome.unwrap_or_else(|failure| reply::failed(&failure));
    let block = plugin.alloc_bytes(&reply)?;
    if let [result] = results {
        *result = Val::I64(block.offset().cast_signed());
    }
    Ok(())
}
