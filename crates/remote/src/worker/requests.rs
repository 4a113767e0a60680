//! The requests of a service: taking them, and to stop taking them without losing any.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::call;
use super::service::Service;
use crate::error::RemoteError;
use crate::names;
use crate::subscription::Subscription;

/// The queue group of all workers of a plug-in, as the micro-services protocol names it.
pub(super) const QUEUE_GROUP: &str = "q";

/// How a subscription ends: it takes so many requests more, or is quiet for so long.
///
/// The client forgets a subscription as soon as it has told the server to end it, and requests on their way would be lost. But server
/// and client agree exactly on the end of one that takes a certain number of requests more. The number has to be larger than what
/// can be on its way; with fewer requests than these in that time, fewer are on their way.
const LAST: [(u64, Duration); 3] =
    [(1024, Duration::from_millis(300)), (64, Duration::from_millis(300)), (1, Duration::from_millis(400))];

/// Serves requests and cancellations from now on. The task ends when the service has taken its last request, after `stopped`.
pub(super) async fn serve(
    service: &Arc<Service>,
    tasks: &mut JoinSet<Option<Arc<Service>>>,
    stopped: &watch::Receiver<bool>,
) -> Result<(), RemoteError> {
    let refused = |error: &dyn std::fmt::Display| RemoteError::Connection {
        what: format!("serve the plug-in `{}`", service.name()),
        reason: error.to_string(),
    };
    let nats = &service.nats;
    let cancellations = Subscription::open(nats, names::cancel_subject(service.name()), None).await;
    let mut cancellations = cancellations.map_err(|error| refused(&error))?;
    let requests = Subscription::open(nats, names::all_functions(service.name()), Some(QUEUE_GROUP)).await;
    let requests = requests.map_err(|error| refused(&error))?;
    // Whoever waits for this worker to start may call it.
    nats.client().flush().await.map_err(|error| refused(&error))?;
    let taker = service.clone();
    tasks.spawn(async move {
        loop {
            let message = cancellations.next().await;
            if let Ok(reply) = std::str::from_utf8(&message.payload) {
                taker.cancel(reply);
            }
        }
    });
    tasks.spawn(take(service.clone(), requests, stopped.clone()));
    Ok(())
}

async fn take(
    service: Arc<Service>,
    mut subscription: Subscription,
    mut stopped: watch::Receiver<bool>,
) -> Option<Arc<Service>> {
    loop {
        tokio::select! {
            biased;
            message = subscription.next() => call::answer(&service, message),
            // An error is the end of the worker.
            _ = stopped.wait_for(|stopped| *stopped) => break,
        }
    }
    let Subscription { current: requests, taken, .. } = &mut subscription;
    for (more, patience) in LAST {
        if requests.unsubscribe_after(*taken + more).await.is_err() {
            return Some(service);
        }
        let until = tokio::time::Instant::now() + patience;
        loop {
            match tokio::time::timeout_at(until, requests.next()).await {
                Ok(Some(message)) => {
                    *taken += 1;
                    call::answer(&service, message);
                }
                Ok(None) => return Some(service),
                Err(_) => break,
            }
        }
    }
    if requests.drain().await.is_ok() {
        while let Ok(Some(message)) = timeout(LAST[0].1, requests.next()).await {
            call::answer(&service, message);
        }
    }
    Some(service)
}
