//! Messages of NATS that are not stored. Whoever asks with a reply subject gets the function's output.

use std::time::Duration;

use async_nats::{Client, Event, HeaderMap};
use bytes::Bytes;
use futures_util::StreamExt;
use plugwright_capabilities::messaging::Address;
use plugwright_capabilities::messaging::nats::{header_map, options};

use crate::backoff::Reconnecting;
use crate::config::NatsConfig;
use crate::message::{ERROR_HEADER, Message, one_line};
use crate::runner::{Ended, Exhausted, NO_DEAD_LETTER, Place, Runner};

/// What headers take besides themselves: the line before and the one after.
const HEADER_FRAME: usize = 14;

/// The most messages that wait here for a place. NATS waits for none: further ones are lost, and counted.
const MAX_WAITING: usize = 1024;

/// How long a subscription that ends is quiet before it counts as ended, and how long a server may take for goodbyes.
const QUIET: Duration = Duration::from_secs(2);

pub(crate) async fn run(runner: Runner, config: NatsConfig, address: Address) {
    let mut reconnecting = Reconnecting::new();
    while !runner.is_stopping() {
        if let Err(error) = listen(&runner, &config, &address).await {
            runner.disconnected(&error);
            tokio::select! {
                () = runner.stopped() => break,
                () = reconnecting.wait() => {}
            }
        }
    }
    runner.drained().await;
    runner.unconnected();
}

/// Takes messages until the trigger stops. The client makes lost connections and its subscription again.
async fn listen(runner: &Runner, config: &NatsConfig, address: &Address) -> Result<(), async_nats::Error> {
    let owner = runner.clone();
    let options = options(address).subscription_capacity(MAX_WAITING).event_callback(move |event| {
        match event {
            Event::Connected => owner.connected(),
            Event::Disconnected | Event::Closed => owner.unconnected(),
            Event::SlowConsumer(_) => owner.metrics.dropped(),
            event => tell(&owner, &event),
        }
        std::future::ready(())
    });
    // This does not wait for the connection.
    let client = options.connect(address.to_string()).await?;
    let mut messages = match &config.queue {
        Some(queue) => client.queue_subscribe(config.subject.clone(), queue.clone()).await?,
        None => client.subscribe(config.subject.clone()).await?,
    };
    loop {
        // A place first: what cannot be handled stays in the client, which is bounded.
        let Some(place) = runner.place().await else { break };
        let message = tokio::select! {
            biased;
            () = runner.stopped() => break,
            message = messages.next() => message,
        };
        let Some(message) = message else { return Err("the subscription has ended".into()) };
        begin(runner, &client, config, message, place);
    }
    // What has arrived is handled: nobody else has it.
    messages.drain().await?;
    while let Some(place) = runner.last_place().await {
        let Ok(Some(message)) = tokio::time::timeout(QUIET, messages.next()).await else { break };
        begin(runner, &client, config, message, place);
    }
    runner.drained().await;
    // What has been answered must be on its way before the connection ends.
    tokio::time::timeout(QUIET, client.flush()).await??;
    Ok(())
}

/// Tells what keeps the library from connecting, or from what is asked of it. It tries again for ever, and says it nowhere else.
pub(crate) fn tell(runner: &Runner, event: &Event) {
    match event {
        Event::ClientError(error) => runner.trouble(&format_args!("no connection to the server: {error}")),
        Event::ServerError(error) => {
            let said = format!("the server says: {error}");
            // What it says about answers is about subjects that others choose, as often as they like.
            if said.to_lowercase().contains("for subscription") {
                return runner.trouble(&said);
            }
            runner.metrics.error(&said);
            tracing::warn!(trigger = runner.name(), "{}", one_line(&said));
        }
        _ => {}
    }
}

fn begin(runner: &Runner, client: &Client, config: &NatsConfig, message: async_nats::Message, place: Place) {
    let (owner, client, dead_letter) = (runner.clone(), client.clone(), config.dead_letter.clone());
    runner.spawn(async move {
        handle(&owner, &client, message, dead_letter.as_deref()).await;
        drop(place);
    });
}

async fn handle(runner: &Runner, client: &Client, message: async_nats::Message, dead_letter: Option<&str>) {
    let _in_flight = runner.metrics.received();
    let reply = message.reply.clone();
    let message = of_nats(message.subject.as_str(), message.headers.as_ref(), message.payload);
    let answer = match runner.call(&message).await {
        Ended::Succeeded(output) => {
            runner.metrics.succeeded();
            Ok(output)
        }
        // Also when the trigger stops with attempts left: it was not stored anywhere, so nobody can deliver it again.
        Ended::Failed(exhausted) | Ended::Stopped(exhausted) => {
            bury(runner, client, &message, &exhausted, dead_letter).await;
            Err(exhausted.failed.message)
        }
    };
    let Some(reply) = reply else { return };
    // Whoever asks must not have us publish what only we may.
    if reply.starts_with('$') {
        return tracing::warn!(
            trigger = runner.name(),
            "no answer to `{}`, which is a subject of the server",
            one_line(&reply)
        );
    }
    let most = client.max_payload();
    let answer = answer.and_then(|output| match output.len() {
        length if length > most => Err(format!(
            "the output has {length} bytes, and a message of this server at most {most}; raise its `max_payload`, or return less"
        )),
        _ => Ok(output),
    });
    let sent = match answer {
        Ok(output) => client.publish(reply, output).await,
        Err(error) => {
            let mut headers = HeaderMap::new();
            headers.insert(ERROR_HEADER, one_line(&error));
            client.publish_with_headers(reply, headers, Bytes::new()).await
        }
    };
    if let Err(error) = sent {
        tracing::warn!(trigger = runner.name(), "the answer could not be sent: {error}");
    }
}

async fn bury(
    runner: &Runner,
    client: &Client,
    message: &Message,
    exhausted: &Exhausted,
    dead_letter: Option<&str>,
) {
    let Some(dead_letter) = dead_letter else {
        return runner.drop_message(message, exhausted, NO_DEAD_LETTER);
    };
    let headers = runner.letter_headers(message, exhausted, room(client, message));
    let sent = match header_map(&headers) {
        Ok(headers) => client
            .publish_with_headers(dead_letter.to_owned(), headers, message.payload.clone())
            .await
            .map_err(|error| error.to_string()),
        Err(error) => Err(error),
    };
    match sent {
        Ok(()) => runner.metrics.dead(),
        Err(error) => {
            let why = format!("its dead letter could not be sent ({error})");
            runner.drop_message(message, exhausted, &why);
        }
    }
}

/// The bytes that a message has left for headers beside its payload.
pub(crate) fn room(client: &Client, message: &Message) -> usize {
    client.max_payload().saturating_sub(message.payload.len() + HEADER_FRAME)
}

/// A message of NATS as triggers know messages. Of several headers with one name the last counts.
pub(crate) fn of_nats(
    subject: &str,
    headers: Option<&async_nats::HeaderMap>,
    payload: bytes::Bytes,
) -> Message {
    let last =
        |values: &[async_nats::HeaderValue]| values.last().map(ToString::to_string).unwrap_or_default();
    let headers = headers
        .map(|headers| headers.iter().map(|(name, values)| (name.to_string(), last(values))).collect());
    Message { subject: subject.to_owned(), headers: headers.unwrap_or_default(), payload }
}
