//! Plug-ins on other machines, with a real NATS server and workers in this process.

mod backpressure;
mod calls;
mod discovery;
mod drain;
mod hostile;
mod limits;
mod outages;
mod rollout;
mod secrets;
mod support;
