//! Entries of a Redis stream, by a consumer group: acknowledged after the function has succeeded.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{Client, Cmd, RedisError, cmd};
use tokio::time::Instant;

use crate::backoff::Reconnecting;
use crate::config::RedisConfig;
use crate::message::Message;
use crate::runner::{Ended, Exhausted, NO_DEAD_LETTER, Place, Runner};
use crate::target::CallFailed;

mod entry;
mod server;

use entry::{Entry, claimed, read};
use server::{Server, Waiting};

/// How long one request for entries waits at the server.
const BLOCK: Duration = Duration::from_secs(2);

pub(crate) async fn run(runner: Runner, config: RedisConfig, client: Client) {
    let mut reconnecting = Reconnecting::new();
    let server = Arc::new(Server::new(client));
    while !runner.is_stopping() {
        // Not the error itself, which may name the server's answer to a password.
        if let Err(error) = take(&runner, &config, &server, &mut reconnecting).await {
            server.forget().await;
            runner.disconnected(&shown(&error));
            tokio::select! {
                () = runner.stopped() => break,
                () = reconnecting.wait() => {}
            }
        }
    }
    runner.drained().await;
    runner.unconnected();
}

/// What an error may say: its kind, and the word that the server's answer begins with, such as `WRONGTYPE`.
fn shown(error: &RedisError) -> String {
    let kind = if error.is_connection_refusal() {
        "nobody listens at the server's address"
    } else if error.is_timeout() {
        "the server does not answer in time"
    } else {
        error.category()
    };
    format!("{kind} {}", error.code().unwrap_or_default()).trim_end().to_owned()
}

async fn take(
    runner: &Runner,
    config: &RedisConfig,
    server: &Arc<Server>,
    reconnecting: &mut Reconnecting,
) -> Result<(), RedisError> {
    let connected = async {
        let waiting = Waiting::connect(server).await?;
        make_group(config, &mut server.connection().await?).await?;
        Ok::<_, RedisError>(waiting)
    };
    let mut waiting = tokio::select! {
        biased;
        () = runner.stopped() => return Ok(()),
        waiting = connected => waiting?,
    };
    reconnecting.reset();
    runner.connected();
    let mut cursor = "0-0".to_owned();
    let mut look = Instant::now();
    loop {
        let Some(place) = runner.place().await else { return Ok(()) };
        let mut places = vec![place];
        while let Some(place) = runner.place_now() {
            places.push(place);
        }
        // What others, or an earlier life of this one, have left behind comes first.
        if Instant::now() >= look {
            let mut connection = server.connection().await?;
            let (next, entries) = claim(config, &mut connection, &cursor, places.len()).await?;
            if next == "0-0" {
                look = Instant::now() + config.claim_after / 2;
            }
            cursor = next;
            for entry in entries {
                let attempts = deliveries(config, &mut connection, &entry.id).await?;
                begin(runner, config, server, entry, attempts, places.pop());
            }
        }
        if places.is_empty() {
            continue;
        }
        for entry in new_entries(runner, config, server, &mut waiting, places.len()).await? {
            begin(runner, config, server, entry, 1, places.pop());
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

/// Waits for new entries, and no longer when the trigger stops. What the server has given is given to be handled.
async fn new_entries(
    runner: &Runner,
    config: &RedisConfig,
    server: &Server,
    waiting: &mut Waiting,
    most: usize,
) -> Result<Vec<Entry>, RedisError> {
    let wait = BLOCK.min(config.claim_after / 2).max(Duration::from_millis(1));
    let mut command = cmd("XREADGROUP");
    command.arg("GROUP").arg(&config.group).arg(&config.consumer).arg("COUNT").arg(most);
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    command.arg("BLOCK").arg(millis).arg("STREAMS").arg(&config.stream).arg(">");
    let id = waiting.id;
    let answer = command.query_async(&mut waiting.connection);
    tokio::pin!(answer);
    let early = tokio::select! {
        answer = &mut answer => Some(answer?),
        () = runner.stopped() => None,
    };
    if let Some(answer) = early {
        return read(answer);
    }
    server.unblock(id).await;
    read(answer.await?)
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
    server: &Arc<Server>,
    entry: Entry,
    deliveries: u64,
    place: Option<Place>,
) {
    // One that gave no sign of life in time, because of an outage, is ours all the same.
    let Some(in_hand) = server.hold(&entry.id) else { return };
    let (owner, config, server) = (runner.clone(), config.clone(), server.clone());
    runner.spawn(async move {
        if let Err(error) = handle(&owner, &config, &server, entry, deliveries).await {
            tracing::warn!(
                trigger = owner.name(),
                "the server was not told, so the entry comes again: {}",
                shown(&error)
            );
        }
        drop((place, in_hand));
    });
}

async fn handle(
    runner: &Runner,
    config: &RedisConfig,
    server: &Server,
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
            let failed = CallFailed { kind: "entry".to_owned(), message: what, called: false };
            let exhausted = Exhausted { attempts: 0, failed };
            return give_up(runner, config, server, &entry, &message, &exhausted).await;
        }
    };
    // It was delivered to others that did not come to an end: perhaps because of it.
    if deliveries > runner.config.attempts() {
        let message_text = format!("{} deliveries came to no end", deliveries - 1);
        let failed = CallFailed { kind: "abandoned".to_owned(), message: message_text, called: false };
        let exhausted = Exhausted { attempts: deliveries - 1, failed };
        return give_up(runner, config, server, &entry, &message, &exhausted).await;
    }
    let signs_of_life = async {
        loop {
            tokio::time::sleep(config.claim_after / 3).await;
            // Without one the call goes on: at worst another consumer makes it as well.
            if let Err(error) = sign_of_life(config, server, &entry.id).await {
                server.forget().await;
                tracing::debug!(trigger = runner.name(), "no sign of life was given: {}", shown(&error));
            }
        }
    };
    let ended = tokio::select! {
        ended = runner.call(&message) => ended,
        () = signs_of_life => return Ok(()),
    };
    match ended {
        Ended::Succeeded(_) => {
            server.insist(config.claim_after, &acknowledgement(config, &entry.id)).await?;
            runner.metrics.succeeded();
            Ok(())
        }
        Ended::Failed(exhausted) => give_up(runner, config, server, &entry, &message, &exhausted).await,
        // The function was never called, so this delivery does not count.
        Ended::Stopped(Exhausted { attempts: 0, .. }) => {
            give_back(config, server, &entry.id, deliveries).await
        }
        // Another consumer takes the entry.
        Ended::Stopped(_) => Ok(()),
    }
}

/// Says that the entry is still being handled, without counting a delivery.
async fn sign_of_life(config: &RedisConfig, server: &Server, id: &str) -> Result<(), RedisError> {
    let mut command = cmd("XCLAIM");
    command.arg(&config.stream).arg(&config.group).arg(&config.consumer).arg(0).arg(id).arg("JUSTID");
    command.query_async::<redis::Value>(&mut server.connection().await?).await.map(drop)
}

/// Leaves an entry to whoever asks next, as if it had not been delivered this time.
async fn give_back(
    config: &RedisConfig,
    server: &Server,
    id: &str,
    deliveries: u64,
) -> Result<(), RedisError> {
    let millis = u64::try_from(config.claim_after.as_millis()).unwrap_or(u64::MAX);
    let mut command = cmd("XCLAIM");
    command.arg(&config.stream).arg(&config.group).arg(&config.consumer).arg(0).arg(id);
    command.arg("IDLE").arg(millis).arg("RETRYCOUNT").arg(deliveries.saturating_sub(1)).arg("JUSTID");
    server.insist(config.claim_after, &command).await
}

fn acknowledgement(config: &RedisConfig, id: &str) -> Cmd {
    let mut command = cmd("XACK");
    command.arg(&config.stream).arg(&config.group).arg(id);
    command
}

/// Puts an entry into the stream for dead letters, and then acknowledges it. Not in a transaction: those of Redis go on after a
/// command that failed, and the entry would be in neither.
async fn give_up(
    runner: &Runner,
    config: &RedisConfig,
    server: &Server,
    entry: &Entry,
    message: &Message,
    exhausted: &Exhausted,
) -> Result<(), RedisError> {
    let acknowledgement = acknowledgement(config, &entry.id);
    let Some(dead_letter) = &config.dead_letter else {
        runner.drop_message(message, exhausted, NO_DEAD_LETTER);
        return server.insist(config.claim_after, &acknowledgement).await;
    };
    let mut letter = cmd("XADD");
    letter.arg(dead_letter).arg("*");
    for (name, value) in &entry.fields {
        letter.arg(name).arg(value);
    }
    for (name, value) in message.obituary(runner.name(), exhausted.attempts, &exhausted.failed) {
        letter.arg(name).arg(value);
    }
    if let Err(error) = server.insist(config.claim_after, &letter).await {
        runner.not_buried(dead_letter, &shown(&error));
        return Err(error);
    }
    runner.metrics.dead();
    server.insist(config.claim_after, &acknowledgement).await
}
