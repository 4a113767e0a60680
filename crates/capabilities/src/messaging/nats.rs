//! Messages over NATS.

use std::io;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::context::PublishErrorKind as StoreErrorKind;
use async_nats::{
    Client, ConnectOptions, Event, HeaderMap, HeaderName, HeaderValue, Request, RequestErrorKind,
};
use plugwright::BoxFuture;
use tokio::sync::watch;

use super::headers::{self, MESSAGE_ID};
use super::{Address, Broker, Headers, Outgoing};
use crate::{Code, Failure, Namespace, servers};

/// A connection to NATS, made again whenever it is lost.
pub(super) struct Connection {
    client: Client,
    connected: watch::Receiver<bool>,
}

/// How to connect to a server: again and again, from the beginning.
pub fn options(address: &Address) -> ConnectOptions {
    let mut options = ConnectOptions::new()
        .name("plugwright")
        .retry_on_initial_connect()
        .connection_timeout(Duration::from_secs(5))
        .ping_interval(Duration::from_secs(10))
        .require_tls(address.is_encrypted())
        .reconnect_delay_callback(|attempts| Duration::from_millis(50 << attempts.min(5)));
    if let Some((user, password)) = address.login() {
        options = options.user_and_password(user.reveal().to_owned(), password.reveal().to_owned());
    }
    options
}

/// Headers as the client wants them. Names and values have been checked, or are ours.
///
/// # Errors
///
/// The name of a header that cannot be sent.
pub fn header_map(headers: &Headers) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let wrong = || format!("the header `{}` cannot be sent", name.escape_debug());
        map.insert(
            HeaderName::from_str(name).map_err(|_| wrong())?,
            HeaderValue::from_str(value).map_err(|_| wrong())?,
        );
    }
    Ok(map)
}

impl Connection {
    pub(super) fn open(address: &Address) -> io::Result<Self> {
        let (state, connected) = watch::channel(false);
        let state = Arc::new(state);
        let server = address.to_string();
        let options = options(address).event_callback(move |event| {
            match event {
                Event::Connected => state.send_replace(true),
                Event::Disconnected | Event::Closed => state.send_replace(false),
                _ => false,
            };
            std::future::ready(())
        });
        let address = server.clone();
        // Nothing is waited for but the task's start: the connection itself is made in the background.
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        servers::spawn(async move {
            let connected = options.connect(address).await;
            // Nobody waits any more: then nobody wants it.
            let _ = sender.send(connected);
        })?;
        let client = receiver.recv().map_err(io::Error::other)?.map_err(io::Error::other)?;
        Ok(Self { client, connected })
    }
}

impl Broker for Connection {
    fn publish(&self, message: Outgoing) -> BoxFuture<'static, Result<(), Failure>> {
        let (client, connected) = (self.client.clone(), self.connected.clone());
        Box::pin(async move {
            let timeout = message.timeout;
            let sent = publish(client, message);
            within(timeout, connected, sent).await
        })
    }

    fn request(&self, message: Outgoing) -> BoxFuture<'static, Result<Vec<u8>, Failure>> {
        let (client, connected) = (self.client.clone(), self.connected.clone());
        Box::pin(async move {
            let timeout = message.timeout;
            let answered = request(client, message);
            within(timeout, connected, answered).await
        })
    }
}

/// Waits for a connection and does this, all within the time; stops when the connection is lost.
async fn within<T>(
    timeout: Duration,
    mut connected: watch::Receiver<bool>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let steps = async {
        if connected.wait_for(|connected| *connected).await.is_err() {
            return Err(lost());
        }
        tokio::select! {
            done = work => done,
            _ = connected.wait_for(|connected| !connected) => Err(lost()),
        }
    };
    match tokio::time::timeout(timeout, steps).await {
        Ok(outcome) => outcome,
        Err(_) if *connected.borrow() => Err(timed_out(timeout)),
        Err(_) => {
            Err(Failure::new(Code::Unavailable, "the message server cannot be reached; try again later"))
        }
    }
}

/// A stream takes two messages with one id for the same, whoever has sent them: each namespace has ids of its own. The id of a
/// dead letter, which begins with the name of a stream, is not like it, for such a name has no `/`.
fn own_message_id(namespace: &Namespace, headers: &mut Headers) {
    // An empty one means none.
    if let Some(id) = headers.get_mut(MESSAGE_ID).filter(|id| !id.is_empty()) {
        *id = format!("{namespace}/{id}");
    }
}

async fn publish(client: Client, mut message: Outgoing) -> Result<(), Failure> {
    own_message_id(&message.namespace, &mut message.headers);
    let headers = header_map(&message.headers).map_err(Failure::invalid)?;
    check_payload(&client, &message)?;
    if message.stored {
        let context = async_nats::jetstream::new(client);
        let acknowledged =
            context.publish_with_headers(message.subject, headers, message.payload.into()).await;
        return match acknowledged {
            Ok(acknowledged) => acknowledged.await.map(drop).map_err(|error| not_stored(error.kind())),
            Err(error) => Err(not_stored(error.kind())),
        };
    }
    let sent = if headers.is_empty() {
        client.publish(message.subject, message.payload.into()).await
    } else {
        client.publish_with_headers(message.subject, headers, message.payload.into()).await
    };
    sent.map_err(|_| lost())?;
    client.flush().await.map_err(|_| lost())
}

async fn request(client: Client, message: Outgoing) -> Result<Vec<u8>, Failure> {
    check_payload(&client, &message)?;
    let timeout = message.timeout;
    let request = Request::new().payload(message.payload.into()).timeout(Some(timeout));
    match client.send_request(message.subject, request).await {
        Ok(answer) => {
            let told = headers::failure(|name| {
                answer.headers.as_ref().and_then(|headers| headers.get(name)).map(|value| value.as_str())
            });
            told.map_or_else(|| Ok(answer.payload.into()), Err)
        }
        Err(error) => Err(match error.kind() {
            RequestErrorKind::TimedOut => timed_out(timeout),
            RequestErrorKind::NoResponders => {
                Failure::new(Code::NoResponders, "nobody answers requests of this subject now")
            }
            RequestErrorKind::InvalidSubject => Failure::invalid("the server does not take this subject"),
            RequestErrorKind::MaxPayloadExceeded => too_large(client.max_payload()),
            RequestErrorKind::Other => lost(),
        }),
    }
}

/// Headers count as well, with a few bytes for each.
fn check_payload(client: &Client, message: &Outgoing) -> Result<(), Failure> {
    let headers: usize = message.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    let most = client.max_payload();
    let framing = if headers == 0 { 0 } else { 12 };
    if message.payload.len() + headers + framing > most { Err(too_large(most)) } else { Ok(()) }
}

fn not_stored(kind: StoreErrorKind) -> Failure {
    match kind {
        StoreErrorKind::StreamNotFound => Failure::new(
            Code::NoResponders,
            "no stream stores messages of this subject; make one in JetStream, or grant it without `stored`",
        ),
        StoreErrorKind::TimedOut => Failure::new(
            Code::Timeout,
            "JetStream did not acknowledge the message in time; it may be stored nevertheless",
        ),
        StoreErrorKind::MaxPayloadExceeded => {
            Failure::new(Code::TooLarge, "the server does not take messages as large as this")
        }
        StoreErrorKind::MaxAckPending => {
            Failure::new(Code::RateLimited, "too many messages wait for their acknowledgement; try again")
        }
        StoreErrorKind::WrongLastMessageId | StoreErrorKind::WrongLastSequence => {
            Failure::new(Code::Conflict, "the stream has got other messages in between")
        }
        StoreErrorKind::BrokenPipe => lost(),
        StoreErrorKind::Other => Failure::new(Code::Internal, "JetStream refused to store the message"),
    }
}

fn lost() -> Failure {
    Failure::new(
        Code::Unavailable,
        "the connection to the message server was lost; the message may have arrived, try again",
    )
}

fn timed_out(timeout: Duration) -> Failure {
    Failure::new(Code::Timeout, format!("there was no answer within {} ms", timeout.as_millis()))
}

fn too_large(most: usize) -> Failure {
    Failure::new(
        Code::TooLarge,
        format!("the server takes messages of {most} bytes at most, headers included"),
    )
}
