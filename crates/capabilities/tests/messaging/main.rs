//! Messages of plug-ins, with the real brokers. What both can do is tested with both, by the same tests.

mod both;
mod fake;
mod mqtt;
mod nats;
mod sessions;
mod support;
