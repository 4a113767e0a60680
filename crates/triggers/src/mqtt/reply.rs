//! Answers to messages: where whoever asks wants them, or where the configuration says.

use bytes::Bytes;
use plugwright_capabilities::messaging::Headers;
use plugwright_capabilities::messaging::mqtt::{Arrived, Link, Publication, PublishError};

use super::{Published, publish};
use crate::config::{MqttConfig, is_topic, topic_matches};
use crate::message::{ERROR_HEADER, one_line};
use crate::runner::Runner;
use crate::target::CallFailed;

/// What would be the same the next time, and is not a reason to call the function again.
const FINAL: [PublishError; 3] = [PublishError::Forbidden, PublishError::Refused, PublishError::NoHeaders];

/// Answers a message, if an answer is wanted; whether the message is done with.
pub(super) async fn answer(
    runner: &Runner,
    config: &MqttConfig,
    link: &Link,
    arrived: &Arrived,
    outcome: Result<Bytes, &CallFailed>,
) -> bool {
    let Some(topic) = place(runner, config, arrived) else { return true };
    let outcome = outcome.map_err(|failed| failed.message.clone());
    let publication = match answering(arrived, topic.clone(), outcome, link.has_headers()) {
        Some(publication) => publication,
        None => return true,
    };
    match publish(runner, link, publication, &FINAL).await {
        Published::Done => true,
        Published::Stopped => false,
        Published::Refused(error) => {
            tracing::error!(trigger = runner.name(), topic, "no answer: {error}");
            true
        }
        Published::TooLarge(most) => {
            let error = format!(
                "the output is too large: the broker takes packets of {most} bytes at most; return less"
            );
            tracing::error!(trigger = runner.name(), topic, "no answer: {error}");
            match answering(arrived, topic, Err(error), link.has_headers()) {
                Some(publication) => {
                    !matches!(publish(runner, link, publication, &FINAL).await, Published::Stopped)
                }
                None => true,
            }
        }
    }
}

/// Where the answer goes to: whoever asks must not have us publish for the broker itself, nor call ourselves for ever.
fn place(runner: &Runner, config: &MqttConfig, arrived: &Arrived) -> Option<String> {
    match &arrived.response_topic {
        None => config.reply_topic.clone(),
        Some(topic) if !is_topic(topic) || topic.starts_with('$') || topic_matches(&config.topic, topic) => {
            let shown = one_line(topic);
            tracing::warn!(trigger = runner.name(), "no answer to `{shown}`, which is no place for one");
            None
        }
        Some(topic) => Some(topic.clone()),
    }
}

/// The answer, if there can be one: without headers nothing tells an error from an output.
fn answering(
    arrived: &Arrived,
    topic: String,
    outcome: Result<Bytes, String>,
    has_headers: bool,
) -> Option<Publication> {
    let (payload, headers) = match outcome {
        Ok(output) => (output, Headers::new()),
        Err(_) if !has_headers => return None,
        Err(error) => (Bytes::new(), Headers::from([(ERROR_HEADER.to_owned(), one_line(&error))])),
    };
    let correlation = arrived.correlation.as_ref().map(|correlation| correlation.to_vec());
    Some(Publication { topic, payload, headers, correlation, ..Publication::default() })
}
