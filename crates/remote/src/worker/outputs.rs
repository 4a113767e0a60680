//! Outputs that are larger than a message: kept until their callers have them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::service::Service;
use crate::error::RemoteError;
use crate::subscription::Subscription;
use crate::{names, parts};

/// The outputs of a service that are being fetched.
#[derive(Default)]
pub(super) struct Outputs(Mutex<State>);

#[derive(Default)]
struct State {
    kept: HashMap<u64, Kept>,
    next: u64,
}

struct Kept {
    output: Bytes,
    /// Where the last part began that was asked for.
    progress: watch::Sender<usize>,
}

/// An output that is kept until this is dropped.
pub(super) struct Fetched<'a> {
    outputs: &'a Outputs,
    pub(super) number: u64,
    bytes: usize,
    progress: watch::Receiver<usize>,
}

impl Outputs {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an output.
    pub(super) fn keep(&self, output: Bytes) -> Fetched<'_> {
        let (sender, progress) = watch::channel(0);
        let mut state = self.lock();
        let (number, bytes) = (state.next, output.len());
        state.next += 1;
        state.kept.insert(number, Kept { output, progress: sender });
        Fetched { outputs: self, number, bytes, progress }
    }

    /// A part of an output, if that is kept.
    fn part(&self, number: u64, begin: usize, max: usize) -> Option<Bytes> {
        let state = self.lock();
        let kept = state.kept.get(&number)?;
        kept.progress.send_replace(begin);
        Some(parts::part(&kept.output, begin, max))
    }
}

impl Fetched<'_> {
    /// Waits until its caller has all of it, or asks for nothing any more.
    pub(super) async fn fetched(&mut self) {
        while let Ok(Ok(())) = timeout(parts::PATIENCE, self.progress.changed()).await {
            if *self.progress.borrow_and_update() >= self.bytes {
                return;
            }
        }
    }
}

impl Drop for Fetched<'_> {
    fn drop(&mut self) {
        self.outputs.lock().kept.remove(&self.number);
    }
}

/// Gives parts of outputs from now on.
pub(super) async fn serve(
    service: &Arc<Service>,
    tasks: &mut JoinSet<Option<Arc<Service>>>,
) -> Result<(), RemoteError> {
    let subject = format!("{}.*", names::parts_subject(service.name(), &service.id));
    let subscribed = Subscription::open(&service.nats, subject, None).await;
    let mut requests = subscribed.map_err(|error| RemoteError::Connection {
        what: format!("serve the plug-in `{}`", service.name()),
        reason: error.to_string(),
    })?;
    let service = service.clone();
    tasks.spawn(async move {
        loop {
            let request = requests.next().await;
            let Some(begin) = parts::wanted(request.headers.as_ref()) else { continue };
            let Ok(number) = names::function_of(&request.subject).parse() else { continue };
            let Some(part) = service.outputs.part(number, begin, service.nats.max_payload()) else { continue };
            let Some(reply) = request.reply.filter(|reply| names::is_reply(reply)) else { continue };
            if let Err(error) = service.nats.client().publish(reply, part).await {
                tracing::debug!(target: "plugwright::nats", plugin = service.name(), %error, "a part is not sent");
            }
        }
    });
    Ok(())
}
