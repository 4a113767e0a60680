//! The server, as clients and operators meet it: over sockets.

#[cfg(test)]
mod admin;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod page;
#[cfg(test)]
mod pdks;
#[cfg(test)]
mod protocols;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod support;
#[cfg(test)]
mod views;
