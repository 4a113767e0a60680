//! Each server starts, answers, dies, and comes back with what it was given.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod lives;
mod mosquitto;
mod nats;
mod postgres;
mod redis;
mod support;
