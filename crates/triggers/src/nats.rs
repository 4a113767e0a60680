//! Messages of NATS that are not stored. Whoever asks with a reply subject gets the function's output.

use async_nats::Client;
use futures_util::StreamExt;
use plugwright_capabilities::messaging::nats::{header_map, options};
use plugwright_capabilities::messaging::{Address, Headers};

use crate::backoff::Reconnecting;
use crate::config::NatsConfig;
use crate::message::Message;
use crate::runner::{Exhausted, Runner};

/// The header of an answer that says that the call failed.
const ERROR_HEADER: &str = "Plugwright-Error";

pub(crate) async fn run(runner: Runner, config: NatsConfig, address: Address) {
    let mut reconnecting = Reconnecting::new();
    while !runner.is_stopping() {
        let listened = tokio::select! {
            () = runner.stopped() => break,
            listened = listen(&runner, &config, &address) => listened,
        };
        match listened {
            Ok(()) => break,
            Err(error) => runner.disconnected(&error),
        }
        reconnecting.wait().await;
    }
    runner.drained().await;
    runner.metrics.connected(false);
}

/// Takes messages until the trigger stops. The client makes lost connections and its subscription again.
async fn listen(runner: &Runner, config: &NatsConfig, address: &Address) -> Result<(), async_nats::Error> {
    let metrics = runner.metrics.clone();
    let options = options(address).event_callback(move |event| {
        match event {
            async_nats::Event::Connected => metrics.connected(true),
            async_nats::Event::Disconnected | async_nats::Event::Closed => metrics.connected(false),
            _ => {}
        }
        std::future::ready(())
    });
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
        let (owner, client) = (runner.clone(), client.clone());
        let dead_letter = config.dead_letter.clone();
        runner.spawn(async move {
            handle(&owner, &client, message, dead_letter.as_deref()).await;
            drop(place);
        });
    }
    // What has been answered must be on its way before the connection ends.
    messages.unsubscribe().await?;
    runner.drained().await;
    client.flush().await?;
    Ok(())
}

async fn handle(runner: &Runner, client: &Client, message: async_nats::Message, dead_letter: Option<&str>) {
    let _in_flight = runner.metrics.received();
    let reply = message.reply.clone();
    let message = of_nats(message.subject.as_str(), message.headers.as_ref(), message.payload);
    let (answer, headers) = match runner.call(&message).await {
        Some(Ok(output)) => {
            runner.metrics.succeeded();
            (output, Headers::new())
        }
        Some(Err(exhausted)) => {
            bury(runner, client, &message, &exhausted, dead_letter).await;
            let mut headers = message.obituary(runner.name(), exhausted.attempts, &exhausted.failed);
            headers.retain(|name, _| name == ERROR_HEADER);
            (bytes::Bytes::new(), headers)
        }
        // It was not stored anywhere: nobody can deliver it again.
        None => return runner.metrics.dropped(),
    };
    if let Some(reply) = reply {
        let sent = match header_map(&headers) {
            Ok(headers) if headers.is_empty() => client.publish(reply, answer).await,
            Ok(headers) => client.publish_with_headers(reply, headers, answer).await,
            Err(error) => return tracing::warn!(trigger = runner.name(), "no answer: {error}"),
        };
        if let Err(error) = sent {
            tracing::warn!(trigger = runner.name(), "the answer could not be sent: {error}");
        }
    }
}

async fn bury(
    runner: &Runner,
    client: &Client,
    message: &Message,
    exhausted: &Exhausted,
    dead_letter: Option<&str>,
) {
    let Some(dead_letter) = dead_letter else { return runner.drop_message(message, exhausted) };
    let headers = message.obituary(runner.name(), exhausted.attempts, &exhausted.failed);
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
            tracing::error!(trigger = runner.name(), "the dead letter could not be sent: {error}");
            runner.drop_message(message, exhausted);
        }
    }
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
