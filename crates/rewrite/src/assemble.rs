//! Puts the rewritten module together.

use std::ops::Range;

use wasm_encoder::{Encode, SectionId};
use wasmparser::{Parser, Validator, WasmFeatures};

use crate::edits::Edits;
use crate::offsets::Origin;
use crate::reserve::Reserve;
use crate::scan::Scan;
use crate::section::{Added, counted};
use crate::{Error, OffsetMap, Rewritten};

/// The magic number and the version.
const HEADER_BYTES: usize = 8;

/// Writes the module.
pub(crate) fn assemble(wasm: &[u8], scan: Scan) -> Result<Rewritten, Error> {
    let counted = scan.code.as_ref().and_then(|code| code.reserve);
    // Who never asks for more needs no reserve.
    let reserve = counted.filter(|_| scan.code.as_ref().is_some_and(|code| code.helpers.has_grow()));
    let [memories, globals, exports] = scan.kernel.sections(counted, scan.start);
    let mut added = vec![memories, globals, exports];
    let mut added_code = Added::new(SectionId::Code);
    let mut edits = Edits::default();
    if let Some(changes) = scan.code {
        edits = changes.edits;
        let [types, functions, code] = changes.helpers.sections();
        added_code = code;
        added.splice(0..0, [types, functions]);
    }
    added.retain(|section| section.count() > 0);
    let mut added = added.into_iter().peekable();

    let mut out = Vec::with_capacity(wasm.len() + wasm.len() / 8);
    let mut offsets = OffsetMap::new(0);
    out.extend_from_slice(&wasm[..HEADER_BYTES]);
    for section in scan.sections {
        if section.id != SectionId::Custom as u8 {
            while let Some(missing) = added.next_if(|added| added.precedes(section.id)) {
                missing.write(wasm, 0..0, &mut out)?;
            }
        }
        if section.id == SectionId::Code as u8 {
            offsets = code(wasm, section.contents, &edits, &added_code, &mut out)?;
        } else if let Some(added) = added.next_if(|added| added.id() == section.id) {
            match reserve.filter(|_| section.id == SectionId::Memory as u8) {
                Some(reserve) => {
                    let larger = reserve.memories(wasm, section.contents)?;
                    added.write(&larger, 0..larger.len(), &mut out)?;
                }
                None => added.write(wasm, section.contents, &mut out)?,
            }
        } else {
            out.push(section.id);
            wasm[section.contents].encode(&mut out);
        }
    }
    for missing in added {
        missing.write(wasm, 0..0, &mut out)?;
    }
    check_limits(&out)?;
    Ok(Rewritten {
        wasm: out,
        has_start: scan.start.is_some(),
        offsets,
        first_added_function: scan.functions,
        reserve_pages: reserve.map_or(0, Reserve::pages),
    })
}

/// Writes the code section, and tells where everything comes from.
fn code(
    wasm: &[u8],
    contents: Range<usize>,
    edits: &Edits,
    added: &Added,
    out: &mut Vec<u8>,
) -> Result<OffsetMap, Error> {
    let (count, bodies) = counted(wasm, contents.clone())?;
    let mut framing = Vec::new();
    (count + added.count()).encode(&mut framing);
    let mut size = framing.len() + bodies.len() + added.entries().len();
    for (at, by) in edits.iter() {
        size -= at.len();
        size += by.len();
    }
    out.push(SectionId::Code as u8);
    u32_of(size)?.encode(out);
    out.extend_from_slice(&framing);

    let mut offsets = OffsetMap::new(u32_of(contents.start)?);
    let mut copied = bodies.start;
    for (at, by) in edits.iter() {
        copy(wasm, copied..at.start, out, &mut offsets)?;
        if !by.is_empty() {
            offsets.push(u32_of(out.len())?, Origin::Replaced(u32_of(at.start)?));
            out.extend_from_slice(by);
        }
        copied = at.end;
    }
    copy(wasm, copied..bodies.end, out, &mut offsets)?;
    // Also when nothing is added: this ends the last run.
    offsets.push(u32_of(out.len())?, Origin::Added);
    out.extend_from_slice(added.entries());
    Ok(offsets)
}

/// Copies bytes of the code section.
fn copy(wasm: &[u8], range: Range<usize>, out: &mut Vec<u8>, offsets: &mut OffsetMap) -> Result<(), Error> {
    if !range.is_empty() {
        offsets.push(u32_of(out.len())?, Origin::Copied(u32_of(range.start)?));
        out.extend_from_slice(&wasm[range]);
    }
    Ok(())
}

/// What was added may cross a limit on the number or size of things. That shows without another look at the bodies.
fn check_limits(wasm: &[u8]) -> Result<(), Error> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut check = || -> wasmparser::Result<()> {
        for payload in Parser::new(0).parse_all(wasm) {
            validator.payload(&payload?)?;
        }
        Ok(())
    };
    check().map_err(|error| Error::NoRoom { message: error.message().to_owned() })
}

fn u32_of(bytes: usize) -> Result<u32, Error> {
    u32::try_from(bytes).map_err(|_| Error::TooLarge { what: "bytes", size: bytes, max: u32::MAX as usize })
}
