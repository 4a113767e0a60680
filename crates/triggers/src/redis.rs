//! Entries of a Redis stream, by a consumer group: acknowledged after the function has succeeded.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, cmd};

use crate::backoff::Reconnecting;
use crate::config::RedisConfig;
use crate::message::Message;
use crate::runner::{Exhausted, Place, Runner};
use crate::target::CallFailed;

mod entry;

use entry::{Entry, claimed, read};

/// How long one request for entries waits at the server.
const BLOCK: Duration = Duration::from_secs(2);

/// How long the server may take for anything else.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A server with the two connections that a trigger needs.
struct Connections {
    /// For requests that wait at the server, which nothing else should wait behind.
    waiting: MultiplexedConnection,
    /// For everything else.
    quick: MultiplexedConnection,
}

pub(crate) async fn run(runner: Runner, config: RedisConfig, client: Client) {
    let mut reconnecting = Reconnecting::new();
    while !runner.is_stopping() {
        let taken = tokio::select! {
            biased;
            () = runner.stopped() => break,
            taken = take(&runner, &config, &client, &mut reconnecting) => taken,
        };
        // Not the error itself, which may name the server's answer to a password.
        if let Err(error) = taken {
            runner.disconnected(&error.category());
            tokio::select! {
                () = runner.stopped() => break,
                () = reconnecting.wait() => {}
            }
        }
    }
    runner.drained().await;
    runner.metrics.connected(false);
}

async fn connect(client: &Client, response_timeout: Duration) -> Result<MultiplexedConnection, RedisError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(TIMEOUT))
        .set_response_timeout(Some(response_timeout));
    client.get_multiplexed_async_connection_with_config(&config).await
}

async fn take(
    runner: &Runner,
    config: &RedisConfig,
    client: &Client,
    reconnecting: &mut Reconnecting,
) -> Result<(), RedisError> {
    let mut connections = Connections {
        waiting: connect(client, BLOCK + TIMEOUT).await?,
        quick: connect(client, TIMEOUT).await?,
    };
    make_group(config, &mut connections.quick).await?;
    reconnecting.reset();
    runner.metrics.connected(true);
    let mut cursor = "0-0".to_owned();
    let mut look = tokio::time::Instant::now();
    loop {
        let Some(place) = runner.place().await else { return Ok(()) };
        let mut places = vec![place];
        while let Some(place) = runner.place_now() {
            places.push(place);
        }
        // What others, or an earlier life of this one, have left behind comes first.
        if tokio::time::Instant::now() >= look {
            let (next, entries) = claim(config, &mut connections.quick, &cursor, places.len()).await?;
            if next == "0-0" {
                look = tokio::time::Instant::now() + config.claim_after / 2;
            }
            cursor = next;
            for entry in entries {
                let attempts = deliveries(config, &mut connections.quick, &entry.id).await?;
                begin(runner, config, &connections.quick, entry, attempts, places.pop());
            }
        }
        if places.is_empty() {
            continue;
        }
        let wait = BLOCK.min(config.claim_after / 2).max(Duration::from_millis(1));
        for entry in new_entries(config, &mut connections.waiting, places.len(), wait).await? {
            begin(runner, config, &connections.quick, entry, 1, places.pop());
        }
    }
}

/// Makes stream and group, if they are not there.
async fn make_group(config: &RedisConfig, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
    let mut command = cmd("XGROUP");
    command.arg("CREATE").arg(&config.stream).arg(&config.group).arg("0").arg("MKSTREAM");
    match command.query_async::<()>(connection).await {
        Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
        other => other,
    }
}

async fn new_entries(
    config: &RedisConfig,
    connection: &mut MultiplexedConnection,
    most: usize,
    wait: Duration,
) -> Result<Vec<Entry>, RedisError> {
    let mut command = cmd("XREADGROUP");
    command.arg("GROUP").arg(&config.group).arg(&config.consumer).arg("COUNT").arg(most);
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    command.arg("BLOCK").arg(millis).arg("STREAMS").arg(&config.stream).arg(">");
    read(command.query_async(connection).await?)
}

/// Takes entries that nobody gives a sign of life for. The first part of the answer is where to go on.
async fn claim(
    config: &RedisConfig,
    connection: &mut MultiplexedConnection,
    cursor: &str,
    most: usize,
) -> Result<(String, Vec<Entry>), RedisError> {
    let mut command = cmd("XAUTOCLAIM");
    command.arg(&config.stream).arg(&config.group).arg(&config.consumer);
    let millis = u64::try_from(config.claim_after.as_millis()).unwrap_or(u64::MAX);
    command.arg(millis).arg(cursor).arg("COUNT").arg(most);
    claimed(command.query_async(connection).await?)
}

/// How often an entry was delivered, this time included.
async fn deliveries(
    config: &RedisConfig,
    connection: &mut MultiplexedConnection,
    id: &str,
) -> Result<u64, RedisError> {
    let mut command = cmd("XPENDING");
    command.arg(&config.stream).arg(&config.group).arg(id).arg(id).arg(1);
    let pending: Vec<(String, String, u64, u64)> = command.query_async(connection).await?;
    Ok(pending.first().map_or(1, |(_, _, _, deliveries)| *deliveries))
}

fn begin(
    runner: &Runner,
    config: &RedisConfig,
    connection: &MultiplexedConnection,
    entry: Entry,
    deliveries: u64,
    place: Option<Place>,
) {
    let (owner, config, mut connection) = (runner.clone(), config.clone(), connection.clone());
    runner.spawn(async move {
        if let Err(error) = handle(&owner, &config, &mut connection, entry, deliveries).await {
            tracing::warn!(
                trigger = owner.name(),
                "the server was not told, so the entry comes again: {}",
                error.category()
            );
        }
        drop(place);
    });
}

async fn handle(
    runner: &Runner,
    config: &RedisConfig,
    connection: &mut MultiplexedConnection,
    entry: Entry,
    deliveries: u64,
) -> Result<(), RedisError> {
    let _in_flight = runner.metrics.received();
    let message = match entry.payload(config.field.as_deref()) {
        Ok(payload) => {
            Message { subject: entry.id.clone(), headers: BTreeMap::new(), payload: Bytes::from(payload) }
        }
        Err(what) => {
            let message =
                Message { subject: entry.id.clone(), headers: BTreeMap::new(), payload: Bytes::new() };
            let failed = CallFailed { kind: "entry".to_owned(), message: what };
            return give_up(runner, config, connection, &entry, &message, &Exhausted { attempts: 0, failed })
                .await;
        }
    };
    // It was delivered to others that did not come to an end: perhaps because of it.
    if deliveries > runner.config.attempts() {
        let message_text = format!("{} deliveries came to no end", deliveries - 1);
        let failed = CallFailed { kind: "abandoned".to_owned(), message: message_text };
        let exhausted = Exhausted { attempts: deliveries - 1, failed };
        return give_up(runner, config, connection, &entry, &message, &exhausted).await;
    }
    let outcome = {
        let call = runner.call(&message);
        tokio::pin!(call);
        loop {
            tokio::select! {
                outcome = &mut call => break outcome,
                () = tokio::time::sleep(config.claim_after / 3) => sign_of_life(config, connection, &entry.id).await?,
            }
        }
    };
    match outcome {
        Some(Ok(_)) => {
            acknowledge(config, connection, &entry.id).await?;
            runner.metrics.succeeded();
            Ok(())
        }
        Some(Err(exhausted)) => give_up(runner, config, connection, &entry, &message, &exhausted).await,
        // The trigger stops. Another consumer takes the entry.
        None => Ok(()),
    }
}

/// Says that the entry is still being handled, without counting a delivery.
async fn sign_of_life(
    config: &RedisConfig,
    connection: &mut MultiplexedConnection,
    id: &str,
) -> Result<(), RedisError> {
    let mut command = cmd("XCLAIM");
    command.arg(&config.stream).arg(&config.group).arg(&config.consumer).arg(0).arg(id).arg("JUSTID");
    command.query_async::<redis::Value>(connection).await.map(drop)
}

async fn acknowledge(
    config: &RedisConfig,
    connection: &mut MultiplexedConnection,
    id: &str,
) -> Result<(), RedisError> {
    cmd("XACK").arg(&config.stream).arg(&config.group).arg(id).query_async(connection).await
}

/// Puts an entry into the stream for dead letters and acknowledges it, both or neither.
async fn give_up(
    runner: &Runner,
    config: &RedisConfig,
    connection: &mut MultiplexedConnection,
    entry: &Entry,
    message: &Message,
    exhausted: &Exhausted,
) -> Result<(), RedisError> {
    let Some(dead_letter) = &config.dead_letter else {
        runner.drop_message(message, exhausted);
        return acknowledge(config, connection, &entry.id).await;
    };
    let mut letter = cmd("XADD");
    letter.arg(dead_letter).arg("*");
    for (name, value) in &entry.fields {
        letter.arg(name).arg(value);
    }
    for (name, value) in message.obituary(runner.name(), exhausted.attempts, &exhausted.failed) {
        letter.arg(name).arg(value);
    }
    let mut both = redis::pipe();
    both.atomic().add_command(letter).ignore();
    both.cmd("XACK").arg(&config.stream).arg(&config.group).arg(&entry.id).ignore();
    both.query_async::<()>(connection).await?;
    runner.metrics.dead();
    Ok(())
}
