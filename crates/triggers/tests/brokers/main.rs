//! Triggers with the real servers: nothing is acknowledged before its function has succeeded, and nothing is lost.

mod cron;
mod jetstream;
mod mqtt;
mod nats;
mod redis;
mod support;
