//! Where messages come from.

use std::time::Duration;

use serde::Deserialize;

use super::ServerConfig;
use crate::time::time;

/// Messages of NATS that are not stored: at most once. A request is answered with the function's output.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NatsConfig {
    /// The server.
    pub server: ServerConfig,
    /// The subject, with wildcards if need be.
    pub subject: String,
    /// The queue group: of all that belong to it one gets a message. Without one, each server gets all.
    #[serde(default)]
    pub queue: Option<String>,
    /// The subject for messages whose last attempt failed. Without one they are logged and dropped.
    #[serde(default)]
    pub dead_letter: Option<String>,
}

/// Messages of a stream of JetStream, by a durable consumer: at least once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JetStreamConfig {
    /// The server.
    pub server: ServerConfig,
    /// The stream, which must be there.
    pub stream: String,
    /// The name of the durable consumer, which is made if it is not there. Servers that share it share its messages.
    pub consumer: String,
    /// The subjects of the stream that are of interest: all by default.
    #[serde(default)]
    pub subject: Option<String>,
    /// How long the server waits for a sign of life before it delivers a message to somebody else: 30 s by default.
    #[serde(default = "thirty_seconds", deserialize_with = "time")]
    pub ack_wait: Duration,
    /// The subject for messages whose last attempt failed, which a stream must store. Without one they are logged and dropped.
    #[serde(default)]
    pub dead_letter: Option<String>,
}

/// Messages of MQTT, with QoS 1: at least once, as long as the broker keeps the session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MqttConfig {
    /// The broker.
    pub server: ServerConfig,
    /// The topic filter, with wildcards if need be.
    pub topic: String,
    /// The name by which the broker keeps the session. Each server needs its own.
    pub client_id: String,
    /// The group of a shared subscription: of all that belong to it one gets a message. MQTT 5 only.
    #[serde(default)]
    pub group: Option<String>,
    /// The topic for the function's outputs. A message of MQTT 5 that names a topic for its answer is answered there instead, with
    /// or without this.
    #[serde(default)]
    pub reply_topic: Option<String>,
    /// The topic for messages whose last attempt failed. Without one they are logged and dropped.
    #[serde(default)]
    pub dead_letter: Option<String>,
}

/// Times. Those that pass while the server is not running are not made up for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CronConfig {
    /// Five fields (minute, hour, day, month, weekday), or six with seconds before them.
    pub schedule: String,
    /// The name of the zone whose clock is meant, such as `Europe/Berlin`: `UTC` by default.
    #[serde(default = "CronConfig::utc")]
    pub zone: String,
    /// What happens when the last call still runs.
    #[serde(default)]
    pub overlap: Overlap,
    /// The function's input. Without one it is a JSON object with `trigger` and `scheduled`, the time that it was due.
    #[serde(default)]
    pub input: Option<String>,
}

impl CronConfig {
    fn utc() -> String {
        "UTC".to_owned()
    }

    /// This schedule, by UTC.
    pub fn new(schedule: impl Into<String>) -> Self {
        Self { schedule: schedule.into(), zone: Self::utc(), overlap: Overlap::default(), input: None }
    }
}

/// What happens when the last call still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// The call that is due is left out, and counted.
    #[default]
    Skip,
    /// Both run, up to `concurrency` at a time; beyond that calls are left out.
    Allow,
}

/// Entries of a Redis stream, by a consumer group: at least once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// The server.
    pub server: ServerConfig,
    /// The key of the stream. It is made, with the group, if it is not there.
    pub stream: String,
    /// The consumer group. Servers that share it share its entries.
    pub group: String,
    /// The name of this consumer in the group. Each server needs its own.
    pub consumer: String,
    /// The field that is the payload. Without one the payload is a JSON object of all fields, whose values must be texts.
    #[serde(default)]
    pub field: Option<String>,
    /// How long an entry is without a sign of life before another consumer takes it: 30 s by default.
    #[serde(default = "thirty_seconds", deserialize_with = "time")]
    pub claim_after: Duration,
    /// The stream for entries whose last attempt failed. Without one they are logged and dropped.
    #[serde(default)]
    pub dead_letter: Option<String>,
}

fn thirty_seconds() -> Duration {
    Duration::from_secs(30)
}
