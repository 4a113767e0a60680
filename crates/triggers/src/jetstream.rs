//! Messages of a stream of JetStream, by a durable consumer: acknowledged after the function has succeeded.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::{self, AckKind, Context};
use futures_util::StreamExt;
use plugwright_capabilities::messaging::Address;
use plugwright_capabilities::messaging::nats::{header_map, options};

use crate::backoff::Reconnecting;
use crate::config::JetStreamConfig;
use crate::message::Message;
use crate::nats::of_nats;
use crate::runner::{Exhausted, Runner};

/// How long one request for messages waits at the server.
const PULL: Duration = Duration::from_secs(2);

pub(crate) async fn run(runner: Runner, config: JetStreamConfig, address: Address) {
    let mut reconnecting = Reconnecting::new();
    loop {
        let context = tokio::select! {
            biased;
            () = runner.stopped() => break,
            context = connect(&address) => context,
        };
        match context {
            Ok(context) => listen(&runner, &config, &context, &mut reconnecting).await,
            Err(error) => runner.disconnected(&error),
        }
        if runner.is_stopping() {
            break;
        }
        reconnecting.wait().await;
    }
    runner.metrics.connected(false);
}

async fn connect(address: &Address) -> Result<Context, async_nats::ConnectError> {
    let client =
        options(address).request_timeout(Some(Duration::from_secs(5))).connect(address.to_string()).await?;
    Ok(jetstream::new(client))
}

/// Takes messages until the trigger stops. Then those that are being handled are finished while there is still a connection.
async fn listen(
    runner: &Runner,
    config: &JetStreamConfig,
    context: &Context,
    reconnecting: &mut Reconnecting,
) {
    while !runner.is_stopping() {
        let taken = tokio::select! {
            biased;
            () = runner.stopped() => break,
            taken = take(runner, config, context, reconnecting) => taken,
        };
        if let Err(error) = taken {
            runner.disconnected(&error);
            tokio::select! {
                () = runner.stopped() => break,
                () = reconnecting.wait() => {}
            }
        }
    }
    runner.drained().await;
    if let Err(error) = context.client().flush().await {
        tracing::debug!(trigger = runner.name(), "the connection is gone already: {error}");
    }
}

async fn take(
    runner: &Runner,
    config: &JetStreamConfig,
    context: &Context,
    reconnecting: &mut Reconnecting,
) -> Result<(), async_nats::Error> {
    let consumer = consumer(config, context).await?;
    reconnecting.reset();
    runner.metrics.connected(true);
    loop {
        let Some(place) = runner.place().await else { return Ok(()) };
        // As many messages as there is room for, and not one more: what waits here would wait for nobody else.
        let mut places = vec![place];
        while let Some(place) = runner.place_now() {
            places.push(place);
        }
        let mut batch = consumer.batch().max_messages(places.len()).expires(PULL).messages().await?;
        while let Some(message) = batch.next().await {
            let message = message?;
            let place = places.pop();
            let (owner, config, context) = (runner.clone(), config.clone(), context.clone());
            runner.spawn(async move {
                handle(&owner, &config, &context, &message).await;
                drop(place);
            });
        }
    }
}

/// The durable consumer, made or brought up to date.
async fn consumer(
    config: &JetStreamConfig,
    context: &Context,
) -> Result<Consumer<pull::Config>, async_nats::Error> {
    let stream = context.get_stream(&config.stream).await?;
    let wanted = pull::Config {
        durable_name: Some(config.consumer.clone()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: config.ack_wait,
        filter_subject: config.subject.clone().unwrap_or_default(),
        // Attempts are counted here: the server would give up without a dead letter.
        max_deliver: -1,
        ..pull::Config::default()
    };
    Ok(stream.create_consumer(wanted).await?)
}

async fn handle(
    runner: &Runner,
    config: &JetStreamConfig,
    context: &Context,
    delivered: &jetstream::Message,
) {
    let _in_flight = runner.metrics.received();
    let attempt = delivered.info().map_or(1, |info| u64::try_from(info.delivered).unwrap_or(1));
    let message = of_nats(delivered.subject.as_str(), delivered.headers.as_ref(), delivered.payload.clone());
    let outcome = {
        let call = runner.attempt(&message, attempt);
        tokio::pin!(call);
        loop {
            tokio::select! {
                outcome = &mut call => break outcome,
                () = tokio::time::sleep(config.ack_wait / 3) => settle(runner, delivered, AckKind::Progress).await,
            }
        }
    };
    let failed = match outcome {
        Ok(_) => {
            match delivered.double_ack().await {
                Ok(()) => runner.metrics.succeeded(),
                Err(error) => {
                    tracing::warn!(trigger = runner.name(), "not acknowledged, so it comes again: {error}")
                }
            }
            return;
        }
        Err(failed) => failed,
    };
    if attempt < runner.config.attempts() {
        let wait = runner.wait_after(attempt);
        return settle(runner, delivered, AckKind::Nak(Some(wait))).await;
    }
    let exhausted = Exhausted { attempts: attempt, failed };
    match &config.dead_letter {
        None => {
            runner.drop_message(&message, &exhausted);
            settle(runner, delivered, AckKind::Term).await;
        }
        Some(dead_letter) => match bury(runner, context, &message, &exhausted, dead_letter).await {
            Ok(()) => {
                runner.metrics.dead();
                settle(runner, delivered, AckKind::Ack).await;
            }
            Err(error) => {
                tracing::error!(
                    trigger = runner.name(),
                    dead_letter,
                    "the dead letter was not stored, trying again: {error}"
                );
                settle(runner, delivered, AckKind::Nak(Some(runner.config.max_backoff))).await;
            }
        },
    }
}

/// Stores a dead letter. It counts once a stream has it.
async fn bury(
    runner: &Runner,
    context: &Context,
    message: &Message,
    exhausted: &Exhausted,
    dead_letter: &str,
) -> Result<(), async_nats::Error> {
    let headers = header_map(&message.obituary(runner.name(), exhausted.attempts, &exhausted.failed))?;
    let stored =
        context.publish_with_headers(dead_letter.to_owned(), headers, message.payload.clone()).await?;
    stored.await?;
    Ok(())
}

async fn settle(runner: &Runner, delivered: &jetstream::Message, how: AckKind) {
    if let Err(error) = delivered.ack_with(how).await {
        tracing::warn!(
            trigger = runner.name(),
            "the server was not told, so the message comes again: {error}"
        );
    }
}
