//! A store in a Redis server. Keys of a namespace begin with its name; a namespace's name has no `:` in it.

use std::sync::LazyLock;

use redis::{Client, Cmd, ErrorKind, FromRedisValue, RedisError, Script, ServerErrorKind, Value};

use super::operation::{Change, Changed, Edit};
use super::page::{Listing, Page};
use super::time_to_live::TimeToLive;
use crate::patience::Patience;
use crate::{Failure, Namespace, OpenError, Secret};

mod direct;
mod failures;
mod pool;
mod shared;

use direct::Unanswered;
use failures::{failed, late};
use pool::Pool;
use shared::Shared;

/// What all our keys begin with.
const PREFIX: &str = "plugwright:";

/// How many steps of a scan are made for one page, as long as they find nothing.
const MAX_STEPS: usize = 64;

/// Swaps a value. `ARGV[1]` and `ARGV[3]` say whether there are an expected (`ARGV[2]`) and a new value (`ARGV[4]`); `ARGV[5]` is its time to
/// live.
const SWAP_SOURCE: &str = "local stored = redis.call('GET', KEYS[1])
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
return 1";

/// The same, whose hash the server knows it by.
static SWAP: LazyLock<Script> = LazyLock::new(|| Script::new(SWAP_SOURCE));

/// A Redis server.
pub(super) struct Redis {
    client: Client,
    shared: Shared,
    pool: Pool,
}

impl std::fmt::Debug for Redis {
    /// Without the client, which has user and password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis")
            .field("shared", &self.shared.is_connected())
            .field("pool", &self.pool.len())
            .finish_non_exhaustive()
    }
}

/// Who asks, and how it waits.
pub(super) struct Asker<'a> {
    redis: &'a Redis,
    namespace: &'a Namespace,
    patience: &'a Patience,
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
        let pool = Pool::new(client.get_connection_info());
        Ok(Self { client, shared: Shared::default(), pool })
    }

    /// A namespace of the server, for an operation that waits so.
    pub(super) fn asked<'a>(&'a self, namespace: &'a Namespace, patience: &'a Patience) -> Asker<'a> {
        Asker { redis: self, namespace, patience }
    }
}

impl Asker<'_> {
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Failure> {
        self.answer(command).await?.map_err(|error| failed(&error))
    }

    /// The answer; an inner error is the server's, or that of a connection which was lost.
    async fn answer<T: FromRedisValue>(&self, command: &Cmd) -> Result<Result<T, RedisError>, Failure> {
        let answer = self.value(command).await?;
        Ok(answer.and_then(|value| Ok(T::from_redis_value(value)?)))
    }

    async fn value(&self, command: &Cmd) -> Result<Result<Value, RedisError>, Failure> {
        match self.redis.pool.ask(command, self.patience).await {
            None => {
                let Redis { client, shared, .. } = self.redis;
                // What is rare is on the heap: the future of every operation would be as large, and is moved several times.
                Box::pin(shared.ask(client, command, self.patience.deadline)).await
            }
            Some(Ok(value)) => Ok(Ok(value)),
            Some(Err(Unanswered::Failed(error))) => Ok(Err(error)),
            Some(Err(Unanswered::Late)) => Err(late()),
            // Whoever polls this finds the same, and drops it.
            Some(Err(Unanswered::Stopped)) => std::future::pending().await,
        }
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.ask(redis::cmd("GET").arg(place(self.namespace, key))).await
    }

    pub(super) async fn change(&self, Edit { key, change }: Edit) -> Result<Changed, Failure> {
        let place = place(self.namespace, &key);
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
            Change::CompareAndSwap { expected, new, ttl } => {
                Box::pin(self.swap(place, expected, new, ttl)).await
            }
        }
    }

    async fn swap(
        &self,
        place: String,
        expected: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: TimeToLive,
    ) -> Result<Changed, Failure> {
        let swap = |name: &str, script: &str| {
            let mut command = redis::cmd(name);
            command.arg(script).arg(1).arg(&place);
            command.arg(u8::from(expected.is_some())).arg(expected.as_deref().unwrap_or_default());
            command.arg(u8::from(new.is_some())).arg(new.as_deref().unwrap_or_default());
            command.arg(ttl.unwrap_or(0));
            command
        };
        let answer = match self.answer::<u8>(&swap("EVALSHA", SWAP.get_hash())).await? {
            // The server does not know the script yet, or any more.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.answer(&swap("EVAL", SWAP_SOURCE)).await?
            }
            answer => answer,
        };
        let swapped: u8 = answer.map_err(|error| failed(&error))?;
        Ok(Changed::Whether(swapped == 1))
    }

    /// A page by steps of a scan, in no order. A key that is there all the time comes at least once.
    pub(super) async fn list(&self, listing: &Listing) -> Result<Page, Failure> {
        let namespace = self.namespace;
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
    [PREFIX, namespace.as_str(), ":", key].concat()
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

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn patterns_match_themselves_alone() {
        assert_eq!(literal("plugwright:a:b"), "plugwright:a:b");
        assert_eq!(literal("*?[a-z]^\\"), "\\*\\?\\[a\\-z\\]\\^\\\\");
    }
}
