//! Changes of one entry, the same for all stores that we keep ourselves.

use super::number;
use super::time_to_live::TimeToLive;
use crate::Failure;

/// A change of one entry.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Set { value: Vec<u8>, ttl: TimeToLive },
    Delete,
    Increment { delta: i64 },
    CompareAndSwap { expected: Option<Vec<u8>>, new: Option<Vec<u8>>, ttl: TimeToLive },
}

/// A change of the entry of a key.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) key: String,
    pub(super) change: Change,
}

/// What a change gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changed {
    /// It was done.
    Done,
    /// Whether it was done, or something was there.
    Whether(bool),
    /// The number after it.
    Number(i64),
}

/// What becomes of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate<'a> {
    /// It stays as it is.
    Stays,
    /// It goes.
    Goes,
    /// It has this value from now on, for so long.
    Becomes(Value<'a>, Ends),
}

/// The bytes of a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Passed(&'a [u8]),
    Number(String),
}

impl Value<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Passed(bytes) => bytes,
            Self::Number(text) => text.as_bytes(),
        }
    }
}

/// When an entry ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// After so long.
    After(TimeToLive),
    /// When it would have ended before.
    AsBefore,
}

impl Change {
    /// What this change makes of an entry with this value; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Why it cannot be made; the entry stays.
    pub(super) fn of(&self, stored: Option<&[u8]>) -> Result<(Fate<'_>, Changed), Failure> {
        Ok(match self {
            Self::Set { value, ttl } => {
                (Fate::Becomes(Value::Passed(value), Ends::After(*ttl)), Changed::Done)
            }
            Self::Delete => match stored {
                Some(_) => (Fate::Goes, Changed::Whether(true)),
                None => (Fate::Stays, Changed::Whether(false)),
            },
            Self::Increment { delta } => {
                let sum = number::sum(stored, *delta)?;
                (Fate::Becomes(Value::Number(sum.to_string()), Ends::AsBefore), Changed::Number(sum))
            }
            Self::CompareAndSwap { expected, new, ttl } => {
                if stored != expected.as_deref() {
                    return Ok((Fate::Stays, Changed::Whether(false)));
                }
                let fate = match new {
                    Some(value) => Fate::Becomes(Value::Passed(value), Ends::After(*ttl)),
                    None if stored.is_some() => Fate::Goes,
                    None => Fate::Stays,
                };
                (fate, Changed::Whether(true))
            }
        })
    }
}
