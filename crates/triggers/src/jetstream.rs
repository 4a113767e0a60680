//! Messages of a stream of JetStream, by a durable consumer: acknowledged after the function has succeeded.

use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::{self, AckKind, Context};
use futures_util::{FutureExt, StreamExt};
use plugwright_capabilities::messaging::Address;
use plugwright_capabilities::messaging::nats::{header_map, options};
use tokio::time::Instant;

use crate::backoff::Reconnecting;
use crate::config::JetStreamConfig;
use crate::message::Message;
use crate::nats::{of_nats, room, tell};
use crate::runner::{Exhausted, NO_DEAD_LETTER, Runner};

/// How long one request for messages waits at the server.
const PULL: Duration = Duration::from_secs(2);

/// How long the server may take for anything else.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The pause before an acknowledgement is sent again.
const AGAIN: Duration = Duration::from_millis(100);

/// An acknowledgement, as the protocol has it.
const ACKNOWLEDGED: &str = "+ACK";

/// The most bytes of a dead letter's id, with its header: two names and a number.
const MAX_ID_BYTES: usize = 512;

pub(crate) async fn run(runner: Runner, config: JetStreamConfig, address: Address) {
    let mut reconnecting = Reconnecting::new();
    while !runner.is_stopping() {
        // Each time a connection of its own: the library's may have ended for good, which it does not say.
        let ended = match connect(&runner, &address).await {
            Ok(context) => {
                let ended = listen(&runner, &config, &context, &mut reconnecting).await;
                ended.map_err(|error| (error, context.client().connection_state()))
            }
            Err(error) => Err((error.into(), State::Disconnected)),
        };
        if let Err((error, state)) = ended {
            runner.unconnected();
            // Without a connection the library has told why, and that nobody answers is no news.
            if state == State::Connected || !runner.is_in_trouble() {
                runner.trouble(&error);
            }
            tokio::select! {
                () = runner.stopped() => break,
                () = reconnecting.wait() => {}
            }
        }
    }
    runner.drained().await;
    runner.unconnected();
}

/// Does not wait for the connection, which is made in the background.
async fn connect(runner: &Runner, address: &Address) -> Result<Context, async_nats::ConnectError> {
    let owner = runner.clone();
    let options = options(address).request_timeout(Some(TIMEOUT)).event_callback(move |event| {
        tell(&owner, &event);
        std::future::ready(())
    });
    let client = options.connect(address.to_string()).await?;
    Ok(jetstream::new(client))
}

/// Takes messages until the trigger stops. Then those that are being handled are finished while there is still a connection.
async fn listen(
    runner: &Runner,
    config: &JetStreamConfig,
    context: &Context,
    reconnecting: &mut Reconnecting,
) -> Result<(), async_nats::Error> {
    take(runner, config, context, reconnecting).await?;
    runner.drained().await;
    flush(runner, context).await;
    Ok(())
}

async fn take(
    runner: &Runner,
    config: &JetStreamConfig,
    context: &Context,
    reconnecting: &mut Reconnecting,
) -> Result<(), async_nats::Error> {
    let consumer = tokio::select! {
        biased;
        () = runner.stopped() => return Ok(()),
        consumer = consumer(config, context) => consumer?,
    };
    reconnecting.reset();
    runner.connected();
    loop {
        let Some(place) = runner.place().await else { return Ok(()) };
        // As many messages as there is room for, and not one more: what waits here would wait for nobody else.
        let mut places = vec![place];
        while let Some(place) = runner.place_now() {
            places.push(place);
        }
        let mut batch = tokio::select! {
            biased;
            () = runner.stopped() => return Ok(()),
            batch = consumer.batch().max_messages(places.len()).expires(PULL).messages() => batch?,
        };
        loop {
            let message = tokio::select! {
                biased;
                () = runner.stopped() => return give_back(runner, &mut batch).await,
                message = batch.next() => message,
            };
            let Some(message) = message.transpose()? else { break };
            let place = places.pop();
            let (owner, config, context) = (runner.clone(), config.clone(), context.clone());
            runner.spawn(async move {
                handle(&owner, &config, &context, &message).await;
                drop(place);
            });
        }
    }
}

/// Messages that have arrived and will not be handled here go to somebody else at once, not after `ack_wait`.
async fn give_back(runner: &Runner, batch: &mut pull::Batch) -> Result<(), async_nats::Error> {
    while let Some(Some(message)) = batch.next().now_or_never() {
        settle(runner, &message?, AckKind::Nak(None)).await;
    }
    Ok(())
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
    let signs_of_life = async {
        loop {
            tokio::time::sleep(config.ack_wait / 3).await;
            settle(runner, delivered, AckKind::Progress).await;
        }
    };
    let outcome = tokio::select! {
        outcome = runner.attempt(&message, attempt) => outcome,
        () = signs_of_life => return,
    };
    let failed = match outcome {
        Ok(_) => {
            if acknowledge(runner, config, context, delivered).await {
                runner.metrics.succeeded();
            }
            return;
        }
        // The trigger stops, and the function was not called: somebody else gets the message at once.
        Err(failed) if !failed.called => {
            settle(runner, delivered, AckKind::Nak(None)).await;
            return flush(runner, context).await;
        }
        Err(failed) => failed,
    };
    if attempt < runner.config.attempts() {
        let wait = runner.wait_after(attempt);
        settle(runner, delivered, AckKind::Nak(Some(wait))).await;
        return flush(runner, context).await;
    }
    let exhausted = Exhausted { attempts: attempt, failed };
    let last = match &config.dead_letter {
        None => {
            runner.drop_message(&message, &exhausted, NO_DEAD_LETTER);
            AckKind::Term
        }
        Some(dead_letter) => {
            match bury(runner, context, delivered, &message, &exhausted, dead_letter).await {
                Ok(()) => {
                    runner.metrics.dead();
                    AckKind::Ack
                }
                Err(error) => {
                    runner.not_buried(dead_letter, &error);
                    AckKind::Nak(Some(runner.config.max_backoff))
                }
            }
        }
    };
    settle(runner, delivered, last).await;
    flush(runner, context).await;
}

/// Acknowledges a message, and waits for the server's word on it: as long as the message is ours, again and again. Whether the
/// server knows.
async fn acknowledge(
    runner: &Runner,
    config: &JetStreamConfig,
    context: &Context,
    delivered: &jetstream::Message,
) -> bool {
    let Some(place) = &delivered.reply else { return false };
    let until = Instant::now() + config.ack_wait;
    loop {
        // Not the library's own way, which takes the word that nobody is there for an answer.
        let answer = context.client().request(place.clone(), ACKNOWLEDGED.into()).await;
        let Err(error) = answer else { return true };
        tokio::time::sleep(AGAIN).await;
        if Instant::now() >= until {
            tracing::warn!(trigger = runner.name(), "not acknowledged, so it comes again: {error}");
            return false;
        }
    }
}

/// Stores a dead letter. It counts once a stream has it.
async fn bury(
    runner: &Runner,
    context: &Context,
    delivered: &jetstream::Message,
    message: &Message,
    exhausted: &Exhausted,
    dead_letter: &str,
) -> Result<(), async_nats::Error> {
    let room = room(&context.client(), message);
    let mut headers = runner.letter_headers(message, exhausted, room.saturating_sub(MAX_ID_BYTES));
    if let (Ok(info), false) = (delivered.info(), headers.is_empty()) {
        // A letter that is sent twice, since we died or were cut off after the first time, is kept once.
        let id = format!("{}.{}.{}", info.stream, info.stream_sequence, runner.name());
        headers.insert("Nats-Msg-Id".to_owned(), id);
    }
    let headers = header_map(&headers)?;
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

/// What was said must leave before the connection ends, which may be soon.
async fn flush(runner: &Runner, context: &Context) {
    let flushed = tokio::time::timeout(TIMEOUT, context.client().flush()).await;
    if !matches!(flushed, Ok(Ok(()))) {
        tracing::debug!(trigger = runner.name(), "the connection is gone already");
    }
}
