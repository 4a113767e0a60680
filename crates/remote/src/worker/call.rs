//! One call: from a request to its reply.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{HeaderMap, Message, Subject};
use bytes::Bytes;
use plugwright::{Error, ErrorKind, ErrorReport};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout_at};

use super::service::{Cancellable, Service};
use crate::caller::{too_large, too_many};
use crate::threads::AbortOnDrop;
use crate::wire::{self, Terms};
use crate::{names, parts};

/// Answers a request, in a task of its own.
pub(super) fn answer(service: &Arc<Service>, message: Message) {
    let arrived = Instant::now();
    let Message { subject, reply: Some(reply), payload, headers, .. } = message else {
        tracing::debug!(target: "plugwright::nats", plugin = service.name(), "a request without a place for its reply is ignored");
        return;
    };
    if !names::is_reply(&reply) {
        let reply = names::shortened(&reply);
        tracing::warn!(target: "plugwright::nats", plugin = service.name(), reply, "a request is ignored whose reply may not be sent there");
        return;
    }
    let admitted = service.admit();
    let service = service.clone();
    let Some(admitted) = admitted else {
        // The input is not kept, however many such replies wait to be sent.
        drop(payload);
        tokio::spawn(async move {
            let reason = format!(
                "a worker of the plug-in `{}` has as many calls as may wait; start more workers",
                service.name()
            );
            send(&service, reply, wire::not_begun(&reason), Bytes::new()).await;
        });
        return;
    };
    tokio::spawn(async move {
        // Until its reply is sent: a worker that drains waits for that.
        let _admitted = admitted;
        let function = names::function_of(&subject).to_owned();
        let mut cancellable = service.enter(&reply);
        let terms = terms(&service, headers.as_ref(), &payload);
        let takes = terms.as_ref().ok().and_then(|terms| terms.takes);
        let outcome = match terms {
            Ok(terms) => make(&service, arrived, &function, &reply, payload, terms, &mut cancellable).await,
            Err(error) => Some(Err(error)),
        };
        // Nobody waits for a cancelled call.
        let Some(outcome) = outcome else {
            return service.stats.answered(
                &function,
                arrived.elapsed(),
                Some("cancelled by the caller".to_owned()),
            );
        };
        let max = service.nats.max_payload();
        let outcome = match outcome {
            Ok((output, _)) if output.len() > takes.unwrap_or(max) => Err(match takes {
                None => too_large("output", output.len(), max),
                Some(takes) => too_many("output", output.len(), takes),
            }),
            other => other,
        };
        match outcome {
            Ok((output, place)) => {
                service.stats.answered(&function, arrived.elapsed(), None);
                if output.len() > max {
                    deliver(&service, reply, output, &mut cancellable).await;
                } else {
                    send(&service, reply, HeaderMap::new(), output).await;
                }
                drop(place);
            }
            Err(error) => {
                let report = ErrorReport::from(&error);
                let said = format!("{}: {}", report.kind, names::shortened(&report.message));
                service.stats.answered(&function, arrived.elapsed(), Some(said));
                let report = report.about(service.name(), Some(&names::shortened(&function)));
                let (headers, payload) = wire::error(report, max);
                send(&service, reply, headers, payload).await;
            }
        }
    });
}

/// Says where an output is that is larger than a message, and keeps it until its caller has it.
async fn deliver(service: &Service, reply: Subject, output: Bytes, cancellable: &mut Cancellable<'_>) {
    let bytes = output.len();
    let mut kept = service.outputs.keep(output);
    let at = format!("{}.{}", names::parts_subject(service.name(), &service.id), kept.number);
    send(service, reply, wire::output_at(&at, bytes), Bytes::new()).await;
    tokio::select! {
        () = kept.fetched() => {}
        _ = &mut cancellable.cancelled => {}
    }
}

fn terms(service: &Service, headers: Option<&HeaderMap>, input: &Bytes) -> Result<Terms, Error> {
    let terms = Terms::of(headers)?;
    let (bytes, max) = (terms.input_bytes.unwrap_or(input.len()), service.limits.max_input_bytes);
    if bytes > max {
        let message = format!(
            "the input has {bytes} bytes, and this worker takes at most {max}; send less, or raise its limit"
        );
        return Err(ErrorReport::new(&ErrorKind::Limit, message).into());
    }
    Ok(terms)
}

async fn send(service: &Service, reply: Subject, headers: HeaderMap, payload: Bytes) {
    let client = service.nats.client();
    let sent = if headers.is_empty() {
        client.publish(reply, payload).await
    } else {
        client.publish_with_headers(reply, headers, payload).await
    };
    if let Err(error) = sent {
        tracing::warn!(target: "plugwright::nats", plugin = service.name(), %error, "a reply cannot be sent");
    }
}

/// An output, and the place of its call, which it keeps until it is sent.
type Made = Result<(Bytes, OwnedSemaphorePermit), Error>;

/// Makes the call, and says now and then that it goes on; `None` if it was cancelled.
async fn make(
    service: &Arc<Service>,
    arrived: Instant,
    function: &str,
    reply: &Subject,
    input: Bytes,
    terms: Terms,
    cancellable: &mut Cancellable<'_>,
) -> Option<Made> {
    let deadline = terms.timeout.and_then(|timeout| arrived.checked_add(timeout));
    let (caller, name) = (service.clone(), function.to_owned());
    let input = match terms.input_bytes {
        None => Input::Here(input),
        Some(bytes) => Input::At(reply.clone(), bytes),
    };
    // Guests compute elsewhere, so that they do not keep messages waiting.
    let mut call =
        AbortOnDrop(service.threads.spawn(async move { run(&caller, &name, input, deadline).await }));
    let period = terms.heartbeat.unwrap_or(Duration::from_secs(3600));
    let mut heartbeats = interval_at(Instant::now() + period, period);
    heartbeats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            ended = &mut call => {
                return Some(match ended {
                    Ok(outcome) => outcome,
                    Err(error) => {
                        let what = if error.is_panic() { "failed" } else { "was stopped" };
                        let message = format!("its worker {what} while it made the call");
                        Err(ErrorReport::new(&ErrorKind::Lost, message).into())
                    }
                });
            }
            Ok(()) = &mut cancellable.cancelled => return None,
            _ = heartbeats.tick(), if terms.heartbeat.is_some() => {
                send(service, reply.clone(), wire::heartbeat(period), Bytes::new()).await;
            }
        }
    }
}

/// Where an input is.
enum Input {
    Here(Bytes),
    /// So many bytes, in parts.
    At(Subject, usize),
}

impl Input {
    /// All of it, if it comes in time.
    async fn whole(self, service: &Service, deadline: Option<Instant>) -> Result<Bytes, Error> {
        let (at, bytes) = match self {
            Self::Here(input) => return Ok(input),
            Self::At(at, bytes) => (at, bytes),
        };
        let client = service.nats.client();
        let fetched = parts::fetch(&client, &at, bytes);
        let fetched = match deadline {
            Some(deadline) => timeout_at(deadline, fetched).await.map_err(|_| late())?,
            None => fetched.await,
        };
        fetched.map_err(|reason| {
            let message = format!("the input of {bytes} bytes did not arrive: {reason}");
            ErrorReport::new(&ErrorKind::Lost, message).into()
        })
    }
}

/// Runs the function on an instance, when there is a place for it.
async fn run(service: &Service, function: &str, input: Input, deadline: Option<Instant>) -> Made {
    let place = service.places.clone().acquire_owned();
    let place = match deadline {
        Some(deadline) => timeout_at(deadline, place).await.map_err(|_| late())?,
        None => place.await,
    };
    let place = place.map_err(|_| late())?;
    // Only now, for inputs of calls that wait would take room.
    let input = input.whole(service, deadline).await?;
    // And this, for what has waited may begin on a later version.
    let version = service.current();
    if !version.offers(function) {
        let message = format!("the function `{function}` prepares the plug-in and cannot be called");
        return Err(ErrorReport::new(&ErrorKind::FunctionNotFound { nearest: Vec::new() }, message).into());
    }
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    if left.is_some_and(|left| left.is_zero()) {
        return Err(late());
    }
    let mut plugin = version.pool.acquire_async(left).await?;
    // Whatever an earlier call made of it.
    plugin.set_timeout(match (version.timeout, left) {
        (Some(own), Some(left)) => Some(own.min(left)),
        (own, left) => own.or(left),
    });
    let output = plugin.call_async::<_, &[u8]>(function, &input[..]).await?;
    Ok((Bytes::copy_from_slice(output), place))
}

#[cold]
fn late() -> Error {
    ErrorReport::new(
        &ErrorKind::Timeout,
        "the call waited at its worker until its deadline; start more workers",
    )
    .into()
}
