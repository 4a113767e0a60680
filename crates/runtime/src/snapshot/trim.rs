//! Leaving out the data that a snapshot no longer needs.
//!
//! `wasmtime-wizer` keeps the module's own data segments in front of those of the snapshot, emptied, so that their indices
//! stay what they were. Standard Go has tens of thousands of them, and the engine looks at each whenever it makes an
//! instance. Code that never names a segment by its index does not miss them.

use wasm_encoder::{DataCountSection, Encode, Module, RawSection};
use wasmparser::{Parser, Payload, Result};

/// A snapshot without the first `own` of its data segments, at least one, to which no code of it may refer.
pub(super) fn without_segments(snapshot: &[u8], own: u32) -> Result<Vec<u8>> {
    let mut trimmed = Module::new();
    for payload in Parser::new(0).parse_all(snapshot) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else { continue };
        match payload {
            Payload::DataCountSection { count, .. } => {
                trimmed.section(&DataCountSection { count: count.saturating_sub(own) });
            }
            Payload::DataSection(segments) => {
                let count = segments.count();
                let mut begin = range.start;
                let kept = count.saturating_sub(own);
                for segment in segments.into_iter().take((count - kept) as usize) {
                    begin = segment?.range.end;
                }
                let mut data = Vec::with_capacity(range.len());
                kept.encode(&mut data);
                data.extend_from_slice(&snapshot[begin..range.end]);
                trimmed.section(&RawSection { id, data: &data });
            }
            _ => {
                trimmed.section(&RawSection { id, data: &snapshot[range] });
            }
        }
    }
    Ok(trimmed.finish())
}
