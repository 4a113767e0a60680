//! One attempt to have a call made by some worker.

use std::sync::Arc;
use std::time::Duration;

use async_nats::client::PublishErrorKind;
use async_nats::{Client, StatusCode};
use bytes::Bytes;
use plugwright::{Error, ErrorKind};
use tokio::time::{Instant, timeout_at};

use super::inbox::Replies;
use crate::connection::{Nats, unavailable};
use crate::names;
use crate::wire::{self, Terms};

/// After so many periods without a sign of life a worker counts as gone.
const SILENCE: u32 = 4;

/// How long a cancellation waits to be sent.
const CANCELLATION: Duration = Duration::from_secs(5);

/// What became of an attempt.
pub(crate) enum Outcome {
    Output(Bytes),
    /// The call failed, there or here.
    Failed(Error),
    /// Nothing ran; why.
    NotBegun(String),
    /// It may have run; why nobody knows.
    Lost(String),
}

/// What every attempt of a call sends.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) plugin: String,
    pub(crate) function: String,
    pub(crate) input: Bytes,
    /// How often a worker says that it is at it.
    pub(crate) heartbeat: Duration,
}

impl Request {
    /// Sends the call, and waits for what becomes of it. Dropping the future tells the worker that nobody waits any more.
    /// It is sent until `patience`, or not at all.
    pub(crate) async fn attempt(&self, nats: &Nats, deadline: Option<Instant>, patience: Instant) -> Outcome {
        let inbox = match nats.inbox().await {
            Ok(inbox) => inbox,
            // A client that has ended is being replaced.
            Err(error) => return Outcome::NotBegun(error.message().to_owned()),
        };
        let timeout = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let terms = Terms { timeout, heartbeat: Some(self.heartbeat) };
        let replies = inbox.expect();
        let subject = names::function_subject(&self.plugin, &self.function);
        let client = nats.client();
        let sending = client.publish_with_reply_and_headers(
            subject,
            replies.subject.clone(),
            terms.headers(),
            self.input.clone(),
        );
        match timeout_at(patience, sending).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if error.kind() == PublishErrorKind::Send => {
                return Outcome::NotBegun(format!("the call cannot be sent: {error}"));
            }
            Ok(Err(error)) => {
                return Outcome::Failed(unavailable(format!("the call cannot be sent: {error}")));
            }
            Err(_) => return Outcome::NotBegun("the connection to NATS takes nothing more".to_owned()),
        }
        let mut given_up = GivenUp { client, plugin: &self.plugin, replies, answered: false };
        let outcome = given_up.wait(self.heartbeat * SILENCE, nats, &self.plugin).await;
        given_up.answered = !matches!(outcome, Outcome::Lost(_));
        outcome
    }
}

/// A call whose worker is told to stop if nobody waits for it any more.
struct GivenUp<'a> {
    client: Arc<Client>,
    plugin: &'a str,
    replies: Replies,
    answered: bool,
}

impl GivenUp<'_> {
    async fn wait(&mut self, silence: Duration, nats: &Nats, plugin: &str) -> Outcome {
        loop {
            let message = match timeout_at(Instant::now() + silence, self.replies.messages.recv()).await {
                Ok(Some(message)) => message,
                Ok(None) => return Outcome::Lost("the connection was closed".to_owned()),
                Err(_) if !nats.is_connected() => {
                    return Outcome::Lost("the connection to NATS is lost".to_owned());
                }
                Err(_) => {
                    return Outcome::Lost(format!("its worker has been silent for {silence:?}"));
                }
            };
            if message.status == Some(StatusCode::NO_RESPONDERS) {
                return Outcome::NotBegun(format!(
                    "no worker serves the plug-in `{plugin}`; start one with `plugwright worker`"
                ));
            }
            let Some(headers) = &message.headers else { return Outcome::Output(message.payload) };
            if headers.get(wire::HEARTBEAT).is_some() {
                continue;
            }
            if let Some(reason) = headers.get(wire::NOT_BEGUN) {
                return Outcome::NotBegun(reason.as_str().to_owned());
            }
            return match headers.get(wire::ERROR_CODE) {
                Some(_) => failed(wire::parse_error(&message.payload)),
                None => Outcome::Output(message.payload),
            };
        }
    }
}

/// A worker that was stopped, or that failed itself, says so.
fn failed(error: Error) -> Outcome {
    match error.kind() {
        ErrorKind::Lost => Outcome::Lost(error.message().to_owned()),
        _ => Outcome::Failed(error),
    }
}

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        let Ok(threads) = crate::threads::messages() else { return };
        let (client, subject) = (self.client.clone(), names::cancel_subject(self.plugin));
        let call = Bytes::from(self.replies.subject.clone());
        threads.spawn(async move {
            // A worker that does not hear of it ends by itself at the call's deadline.
            let _ = tokio::time::timeout(CANCELLATION, client.publish(subject, call)).await;
        });
    }
}
