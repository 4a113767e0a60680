//! Inputs of which each differs from the last, and what must come back.

use anyhow::{Result, ensure};

/// Bytes to be echoed. Their first and their last eight hold the number of the call, so that an output of an earlier
/// call does not pass for this one's.
pub(crate) struct Payload {
    bytes: Vec<u8>,
    calls: u64,
}

impl Payload {
    /// A payload of this many bytes, at least eight.
    pub(crate) fn new(bytes: usize) -> Self {
        Self { bytes: (0..bytes).map(|i| (i % 251) as u8).collect(), calls: 0 }
    }

    /// The next call's input.
    pub(crate) fn next(&mut self) -> &[u8] {
        self.calls += 1;
        let number = self.calls.to_le_bytes();
        let end = self.bytes.len() - number.len();
        self.bytes[..number.len()].copy_from_slice(&number);
        self.bytes[end..].copy_from_slice(&number);
        &self.bytes
    }

    /// Whether this may be the last input: its length and the number of the call. Cheap enough to be timed.
    pub(crate) fn check(&self, output: &[u8]) -> Result<()> {
        let number = self.calls.to_le_bytes();
        let same =
            output.len() == self.bytes.len() && output.starts_with(&number) && output.ends_with(&number);
        ensure!(same, "an echo of {} bytes came back wrong", self.bytes.len());
        Ok(())
    }

    /// Whether this is the last input, byte by byte.
    pub(crate) fn check_all(&self, output: &[u8]) -> Result<()> {
        ensure!(output == self.bytes, "an echo of {} bytes came back with other bytes", self.bytes.len());
        Ok(())
    }
}

/// The sum that `host_text.wat` answers with after this many calls of its host function.
pub(crate) fn sum_of_texts(calls: u64) -> u64 {
    let text = u64::from_le_bytes(*b"ABCDEFGH");
    calls.wrapping_mul(text.wrapping_mul(8).wrapping_add(64))
}

/// What `work.wat` computes in this many rounds.
pub(crate) fn work(rounds: u64) -> u64 {
    (0..rounds).fold(1u64, |mut x, _| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^ (x << 17)
    })
}

/// The number that an output of eight bytes is.
pub(crate) fn number(output: &[u8]) -> Result<u64> {
    let bytes: [u8; 8] = output
        .try_into()
        .map_err(|_| anyhow::anyhow!("an output of {} bytes came where 8 were due", output.len()))?;
    Ok(u64::from_le_bytes(bytes))
}
