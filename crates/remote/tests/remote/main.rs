//! Plug-ins on other machines, with a real NATS server and workers in this process.

#[cfg(test)]
mod backpressure;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod drain;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod rollout;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod support;
