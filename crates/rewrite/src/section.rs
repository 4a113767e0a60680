//! Sections of the module, as it was and with entries added.

use std::ops::Range;

use wasm_encoder::{Encode, SectionId};
use wasmparser::BinaryReader;

use crate::Error;

/// The order of sections in a module. Custom sections may be anywhere.
const ORDER: [SectionId; 13] = [
    SectionId::Type,
    SectionId::Import,
    SectionId::Function,
    SectionId::Table,
    SectionId::Memory,
    SectionId::Tag,
    SectionId::Global,
    SectionId::Export,
    SectionId::Start,
    SectionId::Element,
    SectionId::DataCount,
    SectionId::Code,
    SectionId::Data,
];

/// A section of the original module.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) id: u8,
    /// Where its contents are, without the section's id and size.
    pub(crate) contents: Range<usize>,
}

/// Entries for the end of a section.
#[derive(Debug)]
pub(crate) struct Added {
    id: u8,
    count: u32,
    entries: Vec<u8>,
}

impl Added {
    pub(crate) fn new(id: SectionId) -> Self {
        Self { id: id as u8, count: 0, entries: Vec::new() }
    }

    /// Adds what `encode` writes, one entry.
    pub(crate) fn entry(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        encode(&mut self.entries);
        self.count += 1;
    }

    pub(crate) fn id(&self) -> u8 {
        self.id
    }

    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    pub(crate) fn entries(&self) -> &[u8] {
        &self.entries
    }

    /// Whether this comes before the section `id` in a module.
    pub(crate) fn precedes(&self, id: u8) -> bool {
        rank(self.id) < rank(id)
    }

    /// Writes the section with these entries behind those of `contents`, which begin with their count.
    pub(crate) fn write(&self, wasm: &[u8], contents: Range<usize>, out: &mut Vec<u8>) -> Result<(), Error> {
        let (count, entries) = counted(wasm, contents)?;
        let mut framing = Vec::new();
        (count + self.count).encode(&mut framing);
        let entries = &wasm[entries];
        out.push(self.id);
        (framing.len() + entries.len() + self.entries.len()).encode(out);
        out.extend_from_slice(&framing);
        out.extend_from_slice(entries);
        out.extend_from_slice(&self.entries);
        Ok(())
    }
}

/// The number of entries at the start of a section's contents, and where the entries are. Nothing has no entries.
pub(crate) fn counted(wasm: &[u8], contents: Range<usize>) -> Result<(u32, Range<usize>), Error> {
    if contents.is_empty() {
        return Ok((0, contents));
    }
    let Some(bytes) = wasm.get(contents.clone()) else {
        let message = "the last section is not complete".to_owned();
        return Err(Error::Invalid { offset: wasm.len(), message });
    };
    let mut reader = BinaryReader::new(bytes, contents.start);
    let count = reader.read_var_u32()?;
    Ok((count, reader.original_position()..contents.end))
}

fn rank(id: u8) -> usize {
    ORDER.iter().position(|section| *section as u8 == id).unwrap_or(ORDER.len())
}
