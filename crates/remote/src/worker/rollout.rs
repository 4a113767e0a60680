//! Following what is published: new code is served as soon as it is compiled, and calls that run end on what they began on.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::sleep;

use super::service::Service;
use super::{Configure, from_store};
use crate::store::{CodeCache, Published};

/// The pause before the store is asked again when it failed.
const PAUSE: Duration = Duration::from_secs(1);

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
                    while let Some(change) = changes.next().await {
                        match change {
                            Ok(published) => self.change(published).await,
                            Err(error) => {
                                tracing::warn!(target: "plugwright::nats", plugin, error, "the store's record is not understood");
                            }
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

    async fn change(&self, published: Published) {
        let plugin = self.service.name();
        if self.service.current().published.as_ref() == Some(&published) {
            return;
        }
        let Service { nats, limits, .. } = &*self.service;
        match from_store(nats, plugin, &published, &self.configure, *limits, self.cache.as_ref()).await {
            Ok(version) => {
                let number = published.number;
                self.service.change(version);
                tracing::info!(target: "plugwright::nats", plugin, number, sha256 = published.sha256, "serving new code");
            }
            Err(error) => {
                tracing::error!(target: "plugwright::nats", plugin, number = published.number, %error, "what is published cannot be served, and what was served stays");
            }
        }
    }
}
