//! Triggers as plain data: `[[triggers]]` of `plugwright.toml`.

use std::time::Duration;

pub use plugwright_capabilities::config::ServerConfig;
use serde::Deserialize;

use crate::time::time;

mod check;
mod places;
mod source;

pub(crate) use places::{is_topic, topic_matches};

pub use source::{CronConfig, JetStreamConfig, MqttConfig, NatsConfig, Overlap, RedisConfig};

/// A function that is called for what happens elsewhere. Exactly one of `nats`, `jetstream`, `mqtt`, `cron` and `redis` is there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TriggerConfig {
    /// Its name in logs, errors and metrics; no two have the same.
    pub name: String,
    /// The plug-in.
    pub plugin: String,
    /// The function.
    pub function: String,
    /// How the function sees a message.
    #[serde(default)]
    pub view: View,
    /// The most calls at a time, and so the most messages that are taken and not done with: 8 by default.
    #[serde(default = "TriggerConfig::default_concurrency")]
    pub concurrency: usize,
    /// How often a message is tried before it goes to the dead letters: 5 times by default, once for schedules.
    #[serde(default)]
    pub max_attempts: Option<u64>,
    /// The wait before the second attempt, 1 s by default; it doubles with each further one.
    #[serde(default = "TriggerConfig::default_backoff", deserialize_with = "time")]
    pub backoff: Duration,
    /// The longest wait between attempts, 1 min by default.
    #[serde(default = "TriggerConfig::default_max_backoff", deserialize_with = "time")]
    pub max_backoff: Duration,
    /// Messages of NATS: at most once.
    #[serde(default)]
    pub nats: Option<NatsConfig>,
    /// Messages of a stream of JetStream, by a durable consumer.
    #[serde(default)]
    pub jetstream: Option<JetStreamConfig>,
    /// Messages of MQTT.
    #[serde(default)]
    pub mqtt: Option<MqttConfig>,
    /// Times.
    #[serde(default)]
    pub cron: Option<CronConfig>,
    /// Entries of a Redis stream, by a consumer group.
    #[serde(default)]
    pub redis: Option<RedisConfig>,
}

/// How a function sees a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// The input is the payload.
    #[default]
    Payload,
    /// The input is a JSON object: `trigger`, `subject`, `headers`, `attempt` and `payload`, or `payload_base64` where it is no text.
    Message,
}

/// What is wrong with a trigger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("trigger `{trigger}`, `{field}`: {message}")]
pub struct InvalidTrigger {
    /// The trigger.
    pub trigger: String,
    /// The field, with dots.
    pub field: String,
    /// What is wrong, and what to do.
    pub message: String,
}

impl TriggerConfig {
    /// A trigger of this name that calls this function, with the defaults and no source yet.
    pub fn new(name: impl Into<String>, plugin: impl Into<String>, function: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            plugin: plugin.into(),
            function: function.into(),
            view: View::default(),
            concurrency: Self::default_concurrency(),
            max_attempts: None,
            backoff: Self::default_backoff(),
            max_backoff: Self::default_max_backoff(),
            nats: None,
            jetstream: None,
            mqtt: None,
            cron: None,
            redis: None,
        }
    }

    fn default_concurrency() -> usize {
        8
    }

    fn default_backoff() -> Duration {
        Duration::from_secs(1)
    }

    fn default_max_backoff() -> Duration {
        Duration::from_secs(60)
    }

    /// What kind of source it has: the name of its table, such as `mqtt`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self { nats: Some(_), .. } => "nats",
            Self { jetstream: Some(_), .. } => "jetstream",
            Self { mqtt: Some(_), .. } => "mqtt",
            Self { cron: Some(_), .. } => "cron",
            Self { redis: Some(_), .. } => "redis",
            _ => "none",
        }
    }

    /// Its source in a few words: a subject, a stream, a topic or a schedule. There is nothing of servers and credentials in it.
    pub fn source(&self) -> String {
        if let Some(nats) = &self.nats {
            return nats.subject.clone();
        }
        if let Some(jetstream) = &self.jetstream {
            let subject = jetstream.subject.as_deref().unwrap_or(">");
            return format!("{} {subject}", jetstream.stream);
        }
        if let Some(mqtt) = &self.mqtt {
            return mqtt.topic.clone();
        }
        if let Some(cron) = &self.cron {
            return format!("{} {}", cron.schedule, cron.zone);
        }
        self.redis.as_ref().map_or_else(String::new, |redis| redis.stream.clone())
    }

    /// How often a message is tried.
    pub(crate) fn attempts(&self) -> u64 {
        self.max_attempts.unwrap_or(if self.cron.is_some() { 1 } else { 5 })
    }

    pub(crate) fn error(&self, field: &str, message: impl Into<String>) -> InvalidTrigger {
        InvalidTrigger { trigger: self.name.clone(), field: field.to_owned(), message: message.into() }
    }
}
