//! Messages of MQTT with QoS 1: acknowledged after the function has succeeded.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use plugwright_capabilities::messaging::Address;
use plugwright_capabilities::messaging::mqtt::{Arrived, Link, Publication, Settings};
use tokio::sync::mpsc;

use crate::config::MqttConfig;
use crate::message::Message;
use crate::metrics::TriggerMetrics;
use crate::runner::{Exhausted, Runner};

/// The most messages that wait here for a place and that the broker does not wait for: those of QoS 0.
const MAX_UNCOUNTED: usize = 1024;

/// How long a broker may take for dead letters and goodbyes.
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
pub(crate) fn connect(
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

pub(crate) async fn run(runner: Runner, config: MqttConfig, link: Link, mut messages: Messages) {
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
    runner.metrics.connected(false);
}

/// Tells the metrics whether there is a connection.
async fn watch(runner: Runner, link: Link) {
    loop {
        let session = link.session().await;
        runner.metrics.connected(true);
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
    match runner.call(&message).await {
        Some(Ok(_)) => runner.metrics.succeeded(),
        Some(Err(exhausted)) => match &config.dead_letter {
            None => runner.drop_message(&message, &exhausted),
            Some(dead_letter) if bury(runner, link, &message, &exhausted, dead_letter).await => {
                runner.metrics.dead()
            }
            // The trigger stops, and the broker keeps the message.
            Some(_) => return,
        },
        None => return,
    }
    link.acknowledge(&arrived);
}

/// Publishes a dead letter, as often as it takes; whether it was.
async fn bury(
    runner: &Runner,
    link: &Link,
    message: &Message,
    exhausted: &Exhausted,
    dead_letter: &str,
) -> bool {
    let headers = message.obituary(runner.name(), exhausted.attempts, &exhausted.failed);
    let mut attempts = 0;
    loop {
        let publication = Publication {
            topic: dead_letter.to_owned(),
            payload: message.payload.clone(),
            // MQTT 3.1.1 has none; the log has what they say.
            headers: if link.has_headers() { headers.clone() } else { Default::default() },
            ..Publication::default()
        };
        let published = tokio::select! {
            published = tokio::time::timeout(PATIENCE, link.publish(publication)) => published,
            () = runner.stopped(), if !link.is_connected() => return false,
        };
        let error = match published {
            Ok(Ok(()) | Err(plugwright_capabilities::messaging::mqtt::PublishError::NoListeners)) => {
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the broker did not acknowledge it in time".to_owned(),
        };
        tracing::error!(
            trigger = runner.name(),
            dead_letter,
            "the dead letter was not published, trying again: {error}"
        );
        attempts += 1;
        tokio::select! {
            () = runner.stopped() => return false,
            () = tokio::time::sleep(runner.wait_after(attempts)) => {}
        }
    }
}
