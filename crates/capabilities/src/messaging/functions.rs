//! The host functions: `messaging_publish` and `messaging_request`.

use std::time::Duration;

use plugwright::{CurrentPlugin, HostFunction, Result};

use super::{Messaging, Outgoing, headers, subject};
use crate::call::{Outcome, waiting};
use crate::{Failure, arguments, reply};

pub(super) fn all(messaging: &Messaging) -> Vec<HostFunction> {
    let publisher = messaging.clone();
    let requester = messaging.clone();
    vec![
        waiting("messaging_publish", move |plugin, [subject, payload, headers]| {
            let message = outgoing(&publisher, plugin, "messaging_publish", [subject, payload, headers])?;
            let broker = publisher.broker.clone();
            Ok(async move {
                broker.publish(message?).await?;
                Ok(reply::done())
            })
        }),
        waiting("messaging_request", move |plugin, [subject, payload, timeout_ms]| {
            let message = outgoing(&requester, plugin, "messaging_request", [subject, payload, 0])?;
            let messaging = requester.clone();
            Ok(async move { request(messaging, message?, timeout_ms).await })
        }),
    ]
}

async fn request(messaging: Messaging, mut message: Outgoing, timeout_ms: u64) -> Outcome {
    if timeout_ms > 0 {
        message.timeout = message.timeout.min(Duration::from_millis(timeout_ms));
    }
    let answer = messaging.broker.request(message).await?;
    messaging.grant.admit_reply("the answer", answer.len())?;
    Ok(reply::ok(&answer))
}

/// The message that a plug-in wants to send, or why it may not.
fn outgoing(
    messaging: &Messaging,
    plugin: &CurrentPlugin<'_>,
    what: &str,
    [subject, payload, headers]: [u64; 3],
) -> Result<std::result::Result<Outgoing, Failure>> {
    let subject = arguments::bytes(plugin, subject)?;
    let payload = arguments::bytes(plugin, payload)?;
    let headers = arguments::bytes(plugin, headers)?;
    let checked = || {
        messaging.grant.admit_write(what, subject.len() + payload.len() + headers.len())?;
        messaging.grant.check_size("the message", payload.len())?;
        let subject = subject::within(messaging.grant.namespace(), arguments::text("the subject", subject)?)?;
        let timeout = plugin.time_left().map_or(messaging.timeout, |left| left.min(messaging.timeout));
        Ok(Outgoing {
            subject,
            headers: headers::read(headers)?,
            payload: payload.to_vec(),
            #[cfg(feature = "nats")]
            stored: messaging.stored,
            #[cfg(feature = "nats")]
            namespace: messaging.grant.namespace().clone(),
            timeout,
        })
    };
    Ok(checked())
}
