//! What plug-ins ask: read from their memory, checked, and admitted by the grant, before a store sees it.

use plugwright::CurrentPlugin;

use super::operation::{Change, Edit};
use super::page::Listing;
use super::{MAX_PAGE, key, time_to_live};
use crate::arguments::bytes;
use crate::call::Stop;
use crate::{Failure, Grant};

/// What a plug-in asks.
#[derive(Debug)]
pub(super) enum Request {
    Get { key: String },
    Change(Edit),
    List(Listing),
}

/// Why there is nothing to do.
pub(super) enum Refusal {
    /// The plug-in is told.
    Failure(Failure),
    /// Its call ends.
    Stop(Stop),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

pub(super) type Read = Result<Request, Refusal>;

pub(super) fn get(plugin: &CurrentPlugin<'_>, grant: &Grant, [key]: [u64; 1]) -> Read {
    let key = bytes(plugin, key)?;
    grant.admit_read(key.len())?;
    Ok(Request::Get { key: key::checked(key)?.to_owned() })
}

pub(super) fn set(plugin: &CurrentPlugin<'_>, grant: &Grant, [key, value, ttl]: [u64; 3]) -> Read {
    let (key, value) = (bytes(plugin, key)?, bytes(plugin, value)?);
    grant.admit_write("kv_set", key.len().saturating_add(value.len()))?;
    grant.check_size("the value", value.len())?;
    let key = key::checked(key)?.to_owned();
    let ttl = time_to_live::checked(ttl)?;
    Ok(Request::Change(Edit { key, change: Change::Set { value: value.to_vec(), ttl } }))
}

pub(super) fn delete(plugin: &CurrentPlugin<'_>, grant: &Grant, [key]: [u64; 1]) -> Read {
    let key = bytes(plugin, key)?;
    grant.admit_write("kv_delete", key.len())?;
    Ok(Request::Change(Edit { key: key::checked(key)?.to_owned(), change: Change::Delete }))
}

pub(super) fn increment(plugin: &CurrentPlugin<'_>, grant: &Grant, [key, delta]: [u64; 2]) -> Read {
    let key = bytes(plugin, key)?;
    grant.admit_write("kv_increment", key.len())?;
    let change = Change::Increment { delta: delta.cast_signed() };
    Ok(Request::Change(Edit { key: key::checked(key)?.to_owned(), change }))
}

pub(super) fn compare_and_swap(
    plugin: &CurrentPlugin<'_>,
    grant: &Grant,
    [key, expected, new, ttl]: [u64; 4],
) -> Read {
    // The null block stands for no value, so that an empty one can be neither expected nor new.
    let value = |offset| (offset != 0).then(|| bytes(plugin, offset)).transpose();
    let (key, expected, new) = (bytes(plugin, key)?, value(expected)?, value(new)?);
    let len = |value: Option<&[u8]>| value.map_or(0, <[u8]>::len);
    grant.admit_write(
        "kv_compare_and_swap",
        key.len().saturating_add(len(expected)).saturating_add(len(new)),
    )?;
    grant.check_size("the expected value", len(expected))?;
    grant.check_size("the new value", len(new))?;
    let key = key::checked(key)?.to_owned();
    let ttl = time_to_live::checked(ttl)?;
    let change =
        Change::CompareAndSwap { expected: expected.map(<[u8]>::to_vec), new: new.map(<[u8]>::to_vec), ttl };
    Ok(Request::Change(Edit { key, change }))
}

pub(super) fn list(plugin: &CurrentPlugin<'_>, grant: &Grant, [prefix, cursor, limit]: [u64; 3]) -> Read {
    let (prefix, cursor) = (bytes(plugin, prefix)?, bytes(plugin, cursor)?);
    grant.admit_read(prefix.len().saturating_add(cursor.len()))?;
    let prefix = key::text("the prefix", prefix)?.to_owned();
    let cursor = key::text("the cursor", cursor)?;
    let cursor = (!cursor.is_empty()).then(|| cursor.to_owned());
    if !(1..=MAX_PAGE).contains(&limit) {
        let limit = limit.cast_signed();
        return Err(Failure::invalid(format!("the limit is {limit}; ask for 1 to {MAX_PAGE} keys")).into());
    }
    Ok(Request::List(Listing { prefix, cursor, limit: usize::try_from(limit).unwrap_or(usize::MAX) }))
}
