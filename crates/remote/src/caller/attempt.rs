//! One attempt to have a call made by some worker.

use std::sync::Arc;
use std::time::Duration;

use async_nats::client::PublishErrorKind;
use async_nats::{Client, HeaderMap, StatusCode, Subject};
use bytes::Bytes;
use plugwright::{Error, ErrorKind, ErrorReport};
use tokio::time::{Instant, timeout_at};

use super::inbox::Replies;
use super::too_many;
use crate::connection::{Nats, unavailable};
use crate::wire::{self, Terms};
use crate::{names, parts};

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
    /// The most bytes of an output.
    pub(crate) max_bytes: usize,
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
        let in_parts = self.input.len() > nats.max_payload();
        let terms = Terms {
            timeout,
            heartbeat: Some(self.heartbeat),
            input_bytes: in_parts.then_some(self.input.len()),
            takes: Some(self.max_bytes),
        };
        let replies = inbox.replies();
        let subject = names::function_subject(&self.plugin, &self.function);
        let client = nats.client();
        let sending = client.publish_with_reply_and_headers(
            subject,
            replies.subject.clone(),
            terms.headers(),
            if in_parts { Bytes::new() } else { self.input.clone() },
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
        let mut given_up = GivenUp { client, request: self, replies, refused: false, answered: false };
        let outcome = given_up.wait(nats).await;
        given_up.answered = !given_up.refused && !matches!(outcome, Outcome::Lost(_));
        outcome
    }
}

/// A call whose worker is told to stop if nobody waits for it any more.
struct GivenUp<'a> {
    client: Arc<Client>,
    request: &'a Request,
    replies: Replies,
    /// Whether the caller does not take what the worker has for it.
    refused: bool,
    answered: bool,
}

impl GivenUp<'_> {
    async fn wait(&mut self, nats: &Nats) -> Outcome {
        let silence = self.request.heartbeat * SILENCE;
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
                    "no worker serves the plug-in `{}`; start one with `plugwright worker`",
                    self.request.plugin
                ));
            }
            let Some(headers) = &message.headers else { return self.output(message.payload) };
            if headers.get(wire::HEARTBEAT).is_some() {
                continue;
            }
            if let Some(from) = headers.get(wire::PART) {
                let input = self.request.input.len();
                let Some(begin) = parts::wanted(Some(headers)).filter(|begin| *begin < input) else {
                    let from = names::shortened(from.as_str());
                    let what = format!("the worker asks for the input from byte `{from}` on, of {input}");
                    return self.refuse(stranger(&what));
                };
                self.send_part(begin, message.reply, nats.max_payload()).await;
                continue;
            }
            if let Some(reason) = headers.get(wire::NOT_BEGUN) {
                return Outcome::NotBegun(reason.as_str().to_owned());
            }
            if headers.get(wire::ERROR_CODE).is_some() {
                return failed(wire::parse_error(&message.payload));
            }
            return match headers.get(wire::OUTPUT_AT) {
                Some(at) => self.fetch(at.as_str(), headers).await,
                None => self.output(message.payload),
            };
        }
    }

    /// Ends the call by an error, though a worker may still have something for it, or be at it.
    fn refuse(&mut self, error: Error) -> Outcome {
        self.refused = true;
        Outcome::Failed(error)
    }

    fn output(&self, output: Bytes) -> Outcome {
        match output.len() > self.request.max_bytes {
            true => Outcome::Failed(too_many("output", output.len(), self.request.max_bytes)),
            false => Outcome::Output(output),
        }
    }

    /// The worker that took the call wants more of the input.
    async fn send_part(&self, begin: usize, reply: Option<Subject>, max: usize) {
        let Some(reply) = reply.filter(|reply| names::is_reply(reply)) else { return };
        let part = parts::part(&self.request.input, begin, max);
        // Without it the worker gives up, and says so.
        let _ = self.client.publish(reply, part).await;
    }

    /// The output is at the worker, in parts.
    async fn fetch(&mut self, at: &str, headers: &HeaderMap) -> Outcome {
        let Ok(Some(bytes)) = wire::bytes(headers, wire::OUTPUT_BYTES) else {
            return self.refuse(stranger("the worker does not say how many bytes the output has"));
        };
        if bytes > self.request.max_bytes {
            return self.refuse(too_many("output", bytes, self.request.max_bytes));
        }
        if !names::has_parts(&self.request.plugin, at) {
            let at = names::shortened(at);
            let what = format!("the worker says that the output is at `{at}`, where none can be");
            return self.refuse(stranger(&what));
        }
        match parts::fetch(&self.client, at, bytes).await {
            Ok(output) => {
                // The worker need not keep it. Without this it forgets it a while later.
                let _ =
                    self.client.publish_with_headers(at.to_owned(), wire::part(bytes), Bytes::new()).await;
                Outcome::Output(output)
            }
            Err(reason) => Outcome::Lost(format!("its output did not arrive: {reason}")),
        }
    }
}

/// The error for what no worker sends.
#[cold]
fn stranger(what: &str) -> Error {
    let message = format!("{what}; check that nothing else serves this subject");
    ErrorReport::new(&ErrorKind::Incompatible, message).into()
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
        let (client, subject) = (self.client.clone(), names::cancel_subject(&self.request.plugin));
        let call = Bytes::from(self.replies.subject.clone());
        threads.spawn(async move {
            // A worker that does not hear of it ends by itself at the call's deadline.
            let _ = tokio::time::timeout(CANCELLATION, client.publish(subject, call)).await;
        });
    }
}
