//! Entries as they are kept: when they end, and their value.

use super::clock::now;

/// How many bytes of an entry say when it ends.
const END_BYTES: usize = 8;

/// When an entry ends that does not.
pub(super) const NEVER: u64 = 0;

/// An entry as bytes: its end in milliseconds since 1970 (or [`NEVER`]), little-endian, and its value.
pub(super) fn pack(end: u64, value: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(END_BYTES + value.len());
    packed.extend_from_slice(&end.to_le_bytes());
    packed.extend_from_slice(value);
    packed
}

/// An entry's end and value; `None` when this is none.
pub(super) fn unpack(packed: &[u8]) -> Option<(u64, &[u8])> {
    let (end, value) = packed.split_first_chunk::<END_BYTES>()?;
    Some((u64::from_le_bytes(*end), value))
}

/// Whether an entry with this end is over.
pub(super) fn is_over(end: u64, now: u64) -> bool {
    end != NEVER && end <= now
}

/// The same, now. For an entry that does not end, nobody looks at a clock.
pub(super) fn is_over_now(end: u64) -> bool {
    end != NEVER && end <= now()
}
