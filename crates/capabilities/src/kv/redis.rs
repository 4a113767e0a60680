//! A store in a Redis server. Keys of a namespace begin with its name; a namespace's name has no `:` in it.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, Script, ServerErrorKind,
};

use super::number;
use super::operation::{Change, Changed, Edit};
use super::page::{Listing, Page};
use super::time_to_live::TimeToLive;
use crate::{Code, Failure, Namespace, OpenError, Secret, servers};

/// What all our keys begin with.
const PREFIX: &str = "plugwright:";

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How many steps of a scan are made for one page, as long as they find nothing.
const MAX_STEPS: usize = 64;

/// Swaps a value. `ARGV[1]` and `ARGV[3]` say whether there are an expected (`ARGV[2]`) and a new value (`ARGV[4]`); `ARGV[5]` is its time to
/// live.
static SWAP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local stored = redis.call('GET', KEYS[1])
if ARGV[1] == '1' then
  if stored ~= ARGV[2] then return 0 end
elseif stored then
  return 0
end
if ARGV[3] == '0' then
  if stored then redis.call('DEL', KEYS[1]) end
elseif ARGV[5] == '0' then
  redis.call('SET', KEYS[1], ARGV[4])
else
  redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
end
return 1",
    )
});

/// A Redis server. All calls share one connection, on which requests do not wait for each other's answers.
pub(super) struct Redis {
    client: Client,
    link: Mutex<Link>,
    /// Held by who connects.
    connecting: tokio::sync::Mutex<()>,
}

/// The connection, if there is one.
#[derive(Default)]
struct Link {
    connection: Option<MultiplexedConnection>,
    /// The number of the connection: who finds one dead does not throw away its successor.
    number: u64,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("connected", &self.connection.is_some()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Redis {
    /// Without the client, which has user and password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").field("link", &self.link).finish_non_exhaustive()
    }
}

impl Redis {
    /// A server at this address, which is not connected to yet.
    ///
    /// # Errors
    ///
    /// When this is not an address.
    pub(super) fn new(address: &Secret) -> Result<Self, OpenError> {
        // What the library says may have the address in it, and that a password.
        let client = Client::open(address.reveal()).map_err(|_| {
            OpenError::new(
                "the Redis server",
                "this is not its address; write it as `redis://host:port/database`",
            )
        })?;
        Ok(Self { client, link: Mutex::default(), connecting: tokio::sync::Mutex::default() })
    }

    fn known(&self) -> Option<(MultiplexedConnection, u64)> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.connection.clone().map(|connection| (connection, link.number))
    }

    async fn connection(&self) -> Result<(MultiplexedConnection, u64), Failure> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let _turn = self.connecting.lock().await;
        if let Some(known) = self.known() {
            return Ok(known);
        }
        // Operations have a limit of their own.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(None);
        let client = self.client.clone();
        // A connection belongs to the runtime that it was made on.
        let made = servers::runtime()?
            .spawn(async move { client.get_multiplexed_async_connection_with_config(&config).await });
        let connection = match made.await {
            Ok(made) => made.map_err(|error| failed(&error))?,
            Err(error) => return Err(Failure::new(Code::Internal, format!("connecting failed: {error}"))),
        };
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.number += 1;
        link.connection = Some(connection.clone());
        Ok((connection, link.number))
    }

    /// Forgets a connection that is of no use any more.
    #[cold]
    fn forget(&self, number: u64) {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if link.number == number {
            link.connection = None;
        }
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Failure> {
        let (mut connection, number) = self.connection().await?;
        command.query_async(&mut connection).await.map_err(|error| self.failed(&error, number))
    }

    #[cold]
    fn failed(&self, error: &RedisError, number: u64) -> Failure {
        if is_lost(error) {
            self.forget(number);
        }
        failed(error)
    }

    pub(super) async fn get(&self, namespace: &Namespace, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.ask(redis::cmd("GET").arg(place(namespace, key))).await
    }

    pub(super) async fn change(&self, namespace: &Namespace, edit: Edit) -> Result<Changed, Failure> {
        let Edit { key, change } = edit;
        let place = place(namespace, &key);
        match change {
            Change::Set { value, ttl } => {
                let mut command = redis::cmd("SET");
                command.arg(place).arg(value);
                if let Some(millis) = ttl {
                    command.arg("PX").arg(millis);
                }
                self.ask::<()>(&command).await?;
                Ok(Changed::Done)
            }
            Change::Delete => {
                let removed: u64 = self.ask(redis::cmd("DEL").arg(place)).await?;
                Ok(Changed::Whether(removed > 0))
            }
            Change::Increment { delta } => {
                let sum = self.ask(redis::cmd("INCRBY").arg(place).arg(delta)).await?;
                Ok(Changed::Number(sum))
            }
            Change::CompareAndSwap { expected, new, ttl } => self.swap(place, expected, new, ttl).await,
        }
    }

    async fn swap(
        &self,
        place: String,
        expected: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: TimeToLive,
    ) -> Result<Changed, Failure> {
        let (mut connection, number) = self.connection().await?;
        let mut swap = SWAP.key(place);
        swap.arg(u8::from(expected.is_some())).arg(expected.unwrap_or_default());
        swap.arg(u8::from(new.is_some())).arg(new.unwrap_or_default()).arg(ttl.unwrap_or(0));
        let swapped: u8 =
            swap.invoke_async(&mut connection).await.map_err(|error| self.failed(&error, number))?;
        Ok(Changed::Whether(swapped == 1))
    }

    /// A page by steps of a scan, in no order. A key that is there all the time comes at least once.
    pub(super) async fn list(&self, namespace: &Namespace, listing: &Listing) -> Result<Page, Failure> {
        let Listing { prefix, cursor, limit } = listing;
        let mut at: u64 = match cursor {
            None => 0,
            Some(cursor) => {
                cursor.parse().map_err(|_| Failure::invalid("the cursor is none that `kv_list` gave"))?
            }
        };
        let pattern = format!("{}*", literal(&place(namespace, prefix)));
        let begin = place(namespace, "").len();
        let mut page = Page { keys: Vec::new(), cursor: None };
        for _ in 0..MAX_STEPS {
            let mut command = redis::cmd("SCAN");
            command.arg(at).arg("MATCH").arg(&pattern).arg("COUNT").arg(limit);
            let (next, found): (u64, Vec<Vec<u8>>) = self.ask(&command).await?;
            at = next;
            let keys = found.iter().filter_map(|key| std::str::from_utf8(key.get(begin..)?).ok());
            page.keys.extend(keys.map(str::to_owned));
            if at == 0 || !page.keys.is_empty() {
                break;
            }
        }
        page.cursor = (at != 0).then(|| at.to_string());
        Ok(page)
    }
}

/// The key in the server.
fn place(namespace: &Namespace, key: &str) -> String {
    format!("{PREFIX}{namespace}:{key}")
}

/// A text as a pattern that matches nothing else.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '^' | '-') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

fn is_lost(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error()
}

/// What a plug-in is told. It has nothing of the address in it, nor what the server says of users and passwords.
#[cold]
fn failed(error: &RedisError) -> Failure {
    let unavailable = |message: &str| Failure::new(Code::Unavailable, message);
    match error.kind() {
        _ if error.is_connection_refusal() => {
            unavailable("the Redis server cannot be reached; try again later")
        }
        ErrorKind::AuthenticationFailed => {
            Failure::new(Code::Internal, "the Redis server does not accept the host's password")
        }
        ErrorKind::Server(kind) => server_failed(kind, error),
        _ if error.code() == Some("NOAUTH") || error.code() == Some("WRONGPASS") => {
            Failure::new(Code::Internal, "the Redis server does not accept the host's password")
        }
        _ if error.code() == Some("WRONGTYPE") => {
            Failure::new(Code::WrongType, "what is stored there is no value but something of another type")
        }
        _ if error.code() == Some("OOM") => {
            Failure::new(Code::TooLarge, "the Redis server has no memory left for more")
        }
        _ if is_lost(error) => unavailable(
            "the connection to the Redis server was lost; whether a change was made is not known; try again",
        ),
        _ => Failure::new(Code::Internal, "the Redis server answered in an unexpected way"),
    }
}

fn server_failed(kind: ServerErrorKind, error: &RedisError) -> Failure {
    let detail = error.detail().unwrap_or_default();
    match kind {
        ServerErrorKind::ResponseError if detail.contains("not an integer") => number::not_a_number(),
        ServerErrorKind::ResponseError if detail.contains("overflow") => number::overflow(),
        ServerErrorKind::BusyLoading | ServerErrorKind::MasterDown | ServerErrorKind::TryAgain => {
            Failure::new(Code::Unavailable, "the Redis server is not ready; try again")
        }
        ServerErrorKind::ReadOnly => Failure::new(Code::Forbidden, "the Redis server takes no changes"),
        ServerErrorKind::NoPerm => {
            Failure::new(Code::Forbidden, "the Redis server does not let the host do that")
        }
        _ => Failure::new(Code::Internal, "the Redis server refused what it was asked"),
    }
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn patterns_match_themselves_alone() {
        assert_eq!(literal("plugwright:a:b"), "plugwright:a:b");
        assert_eq!(literal("*?[a-z]^\\"), "\\*\\?\\[a\\-z\\]\\^\\\\");
    }
}
