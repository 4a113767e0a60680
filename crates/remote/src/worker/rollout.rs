//! Following what is published: new code is served as soon as it is compiled, and calls that run end on what they began on.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use plugwright::ErrorKind;
use tokio::time::sleep;

use super::service::Service;
use super::{Configure, from_store};
use crate::error::RemoteError;
use crate::store::{CodeCache, Published};

/// The pause before the store is asked again when it failed.
const PAUSE: Duration = Duration::from_secs(1);

/// The pause before code is asked for again that the store did not give.
const RETRY: Duration = Duration::from_secs(2);

/// Keeps a service at what is published.
pub(super) struct Follower {
    pub(super) service: Arc<Service>,
    pub(super) configure: Configure,
    pub(super) cache: Option<CodeCache>,
}

impl Follower {
    /// Follows until the task is dropped.
    pub(super) async fn follow(&self) {
        let plugin = self.service.name();
        loop {
            match self.service.nats.store().changes(plugin).await {
                Ok(changes) => {
                    let mut changes = std::pin::pin!(changes);
                    // What could not be had from the store, and may be had later.
                    let mut missing = None;
                    loop {
                        let change = tokio::select! {
                            change = changes.next() => change,
                            () = sleep(RETRY), if missing.is_some() => missing.take().map(Ok),
                        };
                        match change {
                            Some(Ok(published)) => missing = self.change(published).await,
                            Some(Err(error)) => {
                                tracing::warn!(target: "plugwright::nats", plugin, error, "the store's record is not understood");
                            }
                            None => break,
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(target: "plugwright::nats", plugin, %error, "the store cannot be followed; trying again")
                }
            }
            sleep(PAUSE).await;
        }
    }

    /// Serves this from now on. Gives it back if it is to be tried again: the store did not give what the record names.
    async fn change(&self, published: Published) -> Option<Published> {
        let plugin = self.service.name();
        if self.service.current().published.as_ref() == Some(&published) {
            return None;
        }
        let Service { nats, limits, .. } = &*self.service;
        match from_store(nats, plugin, &published, &self.configure, *limits, self.cache.as_ref()).await {
            Ok(version) => {
                let number = published.number;
                self.service.change(version);
                tracing::info!(target: "plugwright::nats", plugin, number, sha256 = published.sha256, "serving new code");
                None
            }
            Err(error) => {
                tracing::error!(target: "plugwright::nats", plugin, number = published.number, %error, "what is published cannot be served, and what was served stays");
                may_come(&error).then_some(published)
            }
        }
    }
}

/// Whether the same code may be there later: not when it is there and cannot be served.
fn may_come(error: &RemoteError) -> bool {
    match error {
        RemoteError::Plugin(error) => *error.kind() == ErrorKind::HashMismatch,
        _ => true,
    }
}
