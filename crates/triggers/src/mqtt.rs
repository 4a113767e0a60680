//! Messages of MQTT with QoS 1: acknowledged after the function has succeeded, and its answer, if one is wanted, is with the broker.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use plugwright_capabilities::messaging::mqtt::{Arrived, Link, Publication, PublishError, Settings};
use plugwright_capabilities::messaging::{Address, Headers};
use tokio::sync::mpsc;

use crate::config::MqttConfig;
use crate::message::Message;
use crate::metrics::TriggerMetrics;
use crate::runner::{Ended, Exhausted, NO_DEAD_LETTER, Over, Runner};

mod reply;

/// The most messages that wait here for a place and that the broker does not wait for: those of QoS 0.
const MAX_UNCOUNTED: usize = 1024;

/// About what a packet has besides topic, payload and headers.
const PACKET: usize = 64;

/// How long a broker may take for a connection, dead letters and goodbyes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Messages that wait for a place.
pub(crate) struct Messages {
    receiver: mpsc::UnboundedReceiver<Arrived>,
    /// Those among them that the broker does not wait for.
    uncounted: Arc<AtomicUsize>,
}

impl Messages {
    async fn next(&mut self) -> Option<Arrived> {
        let arrived = self.receiver.recv().await?;
        if !arrived.needs_acknowledgement() {
            self.uncounted.fetch_sub(1, Ordering::Relaxed);
        }
        Some(arrived)
    }
}

/// Connects in the background.
///
/// # Errors
///
/// When the system refuses what that needs.
fn connect(
    config: &MqttConfig,
    concurrency: usize,
    address: &Address,
    metrics: Arc<TriggerMetrics>,
) -> io::Result<(Link, Messages)> {
    let filter = match &config.group {
        Some(group) => format!("$share/{group}/{}", config.topic),
        None => config.topic.clone(),
    };
    let settings = Settings {
        lasting: true,
        filters: vec![filter],
        receive_maximum: u16::try_from(concurrency).ok(),
        ..Settings::new(config.client_id.clone())
    };
    let (sender, receiver) = mpsc::unbounded_channel();
    let uncounted = Arc::<AtomicUsize>::default();
    let waiting = uncounted.clone();
    // The broker bounds what it sends without an acknowledgement. What needs none is bounded here.
    let link = Link::open(address, settings, move |_, arrived| {
        if !arrived.needs_acknowledgement() && waiting.fetch_add(1, Ordering::Relaxed) >= MAX_UNCOUNTED {
            waiting.fetch_sub(1, Ordering::Relaxed);
            return metrics.dropped();
        }
        // Nobody listens any more when the trigger has ended.
        let _ = sender.send(arrived);
    })?;
    Ok((link, Messages { receiver, uncounted }))
}

/// Runs once those before it have ended that have the same session: two at a time would take it from each other.
pub(crate) async fn run(runner: Runner, config: MqttConfig, address: Address, before: Vec<Over>) {
    for before in before {
        tokio::select! {
            () = runner.stopped() => return,
            () = before.wait() => {}
        }
    }
    let connected = connect(&config, runner.config.concurrency, &address, runner.metrics.clone());
    let (link, mut messages) = match connected {
        Ok(connected) => connected,
        Err(error) => {
            return tracing::error!(trigger = runner.name(), "the trigger cannot run: {error}");
        }
    };
    runner.spawn(watch(runner.clone(), link.clone()));
    loop {
        let Some(place) = runner.place().await else { break };
        let arrived = tokio::select! {
            biased;
            () = runner.stopped() => break,
            arrived = messages.next() => arrived,
        };
        let Some(arrived) = arrived else { break };
        let (owner, config, link) = (runner.clone(), config.clone(), link.clone());
        runner.spawn(async move {
            handle(&owner, &config, &link, arrived).await;
            drop(place);
        });
    }
    runner.drained().await;
    // What was acknowledged here must reach the broker.
    link.close(PATIENCE).await;
    runner.unconnected();
}

/// Tells the metrics whether there is a connection.
async fn watch(runner: Runner, link: Link) {
    loop {
        let session = loop {
            match tokio::time::timeout(PATIENCE, link.session()).await {
                Ok(session) => break session,
                Err(_) if runner.is_stopping() => return,
                Err(_) => runner.disconnected(
                    &"the broker cannot be reached, or refuses the login; check its address, user and password",
                ),
            }
        };
        runner.connected();
        link.lost(session).await;
        if runner.is_stopping() {
            return;
        }
        runner.disconnected(&"the connection to the broker was lost");
    }
}

async fn handle(runner: &Runner, config: &MqttConfig, link: &Link, arrived: Arrived) {
    let _in_flight = runner.metrics.received();
    let message = Message {
        subject: arrived.topic.clone(),
        headers: arrived.headers.clone(),
        payload: arrived.payload.clone(),
    };
    let settled = match runner.call(&message).await {
        Ended::Succeeded(output) => {
            let answered = reply::answer(runner, config, link, &arrived, Ok(output)).await;
            if answered {
                runner.metrics.succeeded();
            }
            answered
        }
        Ended::Failed(exhausted) => {
            bury(runner, config, link, &message, &exhausted).await
                && reply::answer(runner, config, link, &arrived, Err(&exhausted.failed)).await
        }
        Ended::Stopped(_) => false,
    };
    // Else the trigger stops, and the broker keeps the message.
    if settled {
        link.acknowledge(&arrived);
    }
}

/// Publishes a dead letter, as often as it takes; whether the message is done with.
async fn bury(
    runner: &Runner,
    config: &MqttConfig,
    link: &Link,
    message: &Message,
    exhausted: &Exhausted,
) -> bool {
    let Some(dead_letter) = &config.dead_letter else {
        runner.drop_message(message, exhausted, NO_DEAD_LETTER);
        return true;
    };
    // MQTT 3.1.1 has no headers; the log has what they say.
    let mut room = if link.has_headers() { usize::MAX } else { 0 };
    loop {
        let headers = match room {
            0 => Headers::new(),
            room => runner.letter_headers(message, exhausted, room),
        };
        let publication = Publication {
            topic: dead_letter.clone(),
            payload: message.payload.clone(),
            headers,
            ..Publication::default()
        };
        match publish(runner, link, publication, &[]).await {
            Published::Done => {
                runner.metrics.dead();
                return true;
            }
            Published::TooLarge(most) if room > 0 => {
                let payload = message.payload.len() + dead_letter.len() + PACKET;
                room = most.saturating_sub(payload).min(room - 1);
            }
            Published::TooLarge(most) => {
                let why = format!("the broker takes packets of {most} bytes at most, and so no dead letter");
                runner.drop_message(message, exhausted, &why);
                return true;
            }
            Published::Refused(_) | Published::Stopped => return false,
        }
    }
}

/// What became of a publication.
enum Published {
    Done,
    /// The broker takes so many bytes at most.
    TooLarge(usize),
    /// For one of the reasons that were to be reported.
    Refused(PublishError),
    /// The trigger stops.
    Stopped,
}

/// Publishes something, as often as it takes, unless the broker has one of these reasons against it.
async fn publish(
    runner: &Runner,
    link: &Link,
    publication: Publication,
    report: &[PublishError],
) -> Published {
    let mut attempts = 0;
    loop {
        let published = tokio::select! {
            published = tokio::time::timeout(PATIENCE, link.publish(publication.clone())) => published,
            () = runner.stopped(), if !link.is_connected() => return Published::Stopped,
        };
        let error = match published {
            Ok(Ok(()) | Err(PublishError::NoListeners)) => return Published::Done,
            Ok(Err(PublishError::TooLarge { most })) => return Published::TooLarge(most),
            Ok(Err(error)) if report.contains(&error) => return Published::Refused(error),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the broker did not acknowledge it in time".to_owned(),
        };
        runner.metrics.error(&format!("a message was not published: {error}"));
        tracing::error!(
            trigger = runner.name(),
            topic = publication.topic,
            "a message was not published, trying again: {error}"
        );
        attempts += 1;
        tokio::select! {
            () = runner.stopped() => return Published::Stopped,
            () = tokio::time::sleep(runner.wait_after(attempts)) => {}
        }
    }
}
