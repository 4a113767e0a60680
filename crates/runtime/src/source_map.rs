//! From rewritten code back to what its author wrote: offsets in the original binary, and lines by its DWARF.
//!
//! The engine sees rewritten code, where DWARF's addresses are wrong; so the rewrite drops DWARF and this looks lines up.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use addr2line::Context;
use gimli::{Dwarf, EndianArcSlice, LittleEndian, SectionId};
use plugwright_rewrite::OffsetMap;
use wasmparser::{Parser, Payload};

use crate::error::Frame;

type Reader = EndianArcSlice<LittleEndian>;

/// The start of every WebAssembly binary.
const WASM_HEADER: &[u8; 8] = b"\0asm\x01\0\0\0";

/// Maps offsets in a rewritten binary to places in the original.
pub(crate) struct SourceMap {
    offsets: OffsetMap,
    /// Functions from this index on are the rewrite's own.
    first_added_function: u32,
    /// The original's DWARF: a WebAssembly binary of nothing but its custom sections. Empty when it had none.
    debug: Box<[u8]>,
    /// Made when the first line is looked up.
    lines: Mutex<Option<Context<Reader>>>,
}

impl SourceMap {
    /// A map from an earlier map's parts.
    pub(crate) fn new(offsets: OffsetMap, first_added_function: u32, debug: Vec<u8>) -> Self {
        Self { offsets, first_added_function, debug: debug.into(), lines: Mutex::default() }
    }

    /// The map of a module that was rewritten.
    pub(crate) fn of(offsets: OffsetMap, first_added_function: u32, original: &[u8]) -> Self {
        Self::new(offsets, first_added_function, debug_sections(original))
    }

    pub(crate) fn offsets(&self) -> &OffsetMap {
        &self.offsets
    }

    pub(crate) fn first_added_function(&self) -> u32 {
        self.first_added_function
    }

    pub(crate) fn debug(&self) -> &[u8] {
        &self.debug
    }

    /// What lies at a frame's offset in the rewritten binary: the frame with the original's offset, or one frame for each
    /// function that was inlined there, innermost first, with files and lines. None for a function of the rewrite's own.
    pub(crate) fn resolve(&self, frame: Frame) -> Vec<Frame> {
        if frame.function_index >= self.first_added_function {
            return Vec::new();
        }
        let offset = frame.offset.and_then(|offset| self.offsets.original(offset as u64));
        let frame = Frame { offset: offset.and_then(|offset| usize::try_from(offset).ok()), ..frame };
        let lines = offset.map(|offset| self.lines(offset, &frame)).unwrap_or_default();
        if lines.is_empty() { vec![frame] } else { lines }
    }

    /// The frames that DWARF has at an offset in the original; none when it has none, or is not sound.
    fn lines(&self, offset: u64, frame: &Frame) -> Vec<Frame> {
        if self.debug.is_empty() {
            return Vec::new();
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.is_none() {
            *lines = context(&self.debug);
        }
        let Some(address) = offset.checked_sub(self.offsets.code_start()) else { return Vec::new() };
        let Some(Ok(mut found)) = lines.as_ref().map(|lines| lines.find_frames(address).skip_all_loads())
        else {
            return Vec::new();
        };
        let mut frames = Vec::new();
        while let Ok(Some(at)) = found.next() {
            let location =
                at.location.unwrap_or(addr2line::Location { file: None, line: None, column: None });
            let name = at.function.as_ref().and_then(|function| function.raw_name().ok());
            frames.push(Frame {
                function: name.map(|name| Frame::demangle(&name)).or_else(|| frame.function.clone()),
                file: location.file.map(str::to_owned),
                line: location.line,
                ..frame.clone()
            });
        }
        frames
    }
}

impl fmt::Debug for SourceMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceMap").field("debug_bytes", &self.debug.len()).finish_non_exhaustive()
    }
}

/// The DWARF of a module, as a binary of its custom sections; empty if it has none.
fn debug_sections(wasm: &[u8]) -> Vec<u8> {
    let mut debug = Vec::new();
    let mut start = WASM_HEADER.len();
    for payload in Parser::new(0).parse_all(wasm) {
        let Ok(payload) = payload else { return Vec::new() };
        let Some((_, contents)) = payload.as_section() else { continue };
        if let Payload::CustomSection(section) = &payload
            && section.name().starts_with(".debug_")
        {
            if debug.is_empty() {
                debug.extend_from_slice(WASM_HEADER);
            }
            debug.extend_from_slice(wasm.get(start..contents.end).unwrap_or_default());
        }
        start = contents.end;
    }
    debug
}

/// What lines are looked up in.
fn context(debug: &[u8]) -> Option<Context<Reader>> {
    let section = |id: SectionId| -> Result<Reader, gimli::Error> {
        let found = Parser::new(0).parse_all(debug).flatten().find_map(|payload| match payload {
            Payload::CustomSection(section) if section.name() == id.name() => Some(section.data()),
            _ => None,
        });
        Ok(EndianArcSlice::new(Arc::from(found.unwrap_or_default()), LittleEndian))
    };
    Context::from_dwarf(Dwarf::load(section).ok()?).ok()
}
