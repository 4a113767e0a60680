//! Calls functions for what happens elsewhere: messages of NATS and MQTT, entries of Redis streams, times of a schedule.
//!
//! A trigger is plain data ([`TriggerConfig`]); what it calls is a [`Target`], of which it knows nothing else. [`Triggers`] run
//! many, change them while they run, and let them finish what they have begun when they stop.
//!
//! A message is acknowledged after its function has succeeded, never before. So each is handled at least once where the server
//! keeps what is not acknowledged (JetStream, MQTT with QoS 1, Redis streams), and may be handled twice.

mod backoff;
mod config;
mod cron;
mod jetstream;
mod message;
mod metrics;
mod mqtt;
mod nats;
mod redis;
mod runner;
mod target;
mod time;
mod triggers;

pub use config::{
    CronConfig, InvalidTrigger, JetStreamConfig, MqttConfig, NatsConfig, Overlap, RedisConfig, ServerConfig,
    TriggerConfig, View,
};
pub use metrics::{Counts, LastError, TriggerMetrics};
pub use target::{CallFailed, Target};
pub use triggers::Triggers;
