//! MessagePack.

use rmp_serde::Deserializer;
use rmp_serde::decode::Error as DecodeError;
use serde::de::{Deserialize, DeserializeOwned};

use crate::{BoxError, Malformed, encoding};

/// How deep values may be nested, as in JSON. The library's own limit of 1024 lets hostile bytes
/// overflow the 2 MiB stack of a thread.
const MAX_DEPTH: usize = 128;

encoding! {
    /// A serde value as MessagePack; structs are written as maps with named fields, which every
    /// language's library reads, and read from maps or arrays. Values nested deeper than 128 levels are not read.
    pub Msgpack("MessagePack"), rmp_serde::to_vec_named, decode
}

fn decode<T: DeserializeOwned>(data: &[u8]) -> Result<T, BoxError> {
    let mut deserializer = Deserializer::from_read_ref(data);
    deserializer.set_max_depth(MAX_DEPTH);
    let value = T::deserialize(&mut deserializer)?;
    // The reader does not tell what it left; but one more scalar has no marker only at the end.
    match bool::deserialize(&mut deserializer) {
        Err(DecodeError::InvalidMarkerRead(_)) => Ok(value),
        _ => Err(Malformed::Trailing.into()),
    }
}
