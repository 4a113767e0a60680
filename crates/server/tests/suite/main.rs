//! The server, as clients and operators meet it: over sockets.

#[cfg(test)]
mod admin;
mod configuration;
mod crowd;
mod failures;
mod isolation;
mod limits;
mod metrics;
mod page;
mod protocols;
mod reload;
mod shutdown;
#[cfg(test)]
mod support;
mod views;
