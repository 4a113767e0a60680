//! Copies between kernel memory and a guest's own memory: the module `plugwright:host/mem`.
//!
//! A rewritten guest makes short copies by itself. These functions make long ones, which a deadline must be able to
//! interrupt, and tell what is wrong with a range outside of kernel memory.

use wasmtime::{Extern, Linker, Memory, Result, Trap};

use super::{Guest, checked};
use crate::error::{Error, ErrorKind};
use crate::kernel_memory::{self, Span};
use crate::state::State;

/// The module of these functions.
pub(super) const MODULE: &str = "plugwright:host/mem";

/// How much is copied at a time, by way of the stack: two memories of a store cannot be borrowed at once.
const CHUNK_BYTES: usize = 16 << 10;

pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(
        MODULE,
        "read",
        |mut guest: Guest<'_>, to: u32, offset: u64, len: u64| -> Result<()> {
            let kernel = checked(&guest, "read", offset, len)?;
            let (memory, own) = own_range(&mut guest, "read", to, len)?;
            in_chunks(&mut guest, len, |guest, chunk, buffer| {
                buffer.copy_from_slice(kernel_memory::bytes(guest, chunk.within(kernel))?);
                let target = chunk.within(own).of_mut(memory.data_mut(guest));
                target.ok_or_else(out_of_bounds)?.copy_from_slice(buffer);
                Ok(())
            })
        },
    )?;
    linker.func_wrap(
        MODULE,
        "write",
        |mut guest: Guest<'_>, offset: u64, from: u32, len: u64| -> Result<()> {
            let kernel = checked(&guest, "write", offset, len)?;
            let (memory, own) = own_range(&mut guest, "write", from, len)?;
            in_chunks(&mut guest, len, |guest, chunk, buffer| {
                let source = chunk.within(own).of(memory.data(&*guest));
                buffer.copy_from_slice(source.ok_or_else(out_of_bounds)?);
                kernel_memory::bytes_mut(guest, chunk.within(kernel))?.copy_from_slice(buffer);
                Ok(())
            })
        },
    )?;
    Ok(())
}

/// The memory of the calling module, and the range in it that the guest names.
fn own_range(guest: &mut Guest<'_>, function: &str, address: u32, len: u64) -> Result<(Memory, Span)> {
    let Some(Extern::Memory(memory)) = guest.get_export("memory") else {
        let message = format!("`{function}` needs the module to export its memory as `memory`");
        return Err(wasmtime::Error::new(Error::new(ErrorKind::Contract, message)));
    };
    let span = Span { offset: address.into(), len };
    match span.of(memory.data(&*guest)) {
        Some(_) => Ok((memory, span)),
        None => Err(Trap::MemoryOutOfBounds.into()),
    }
}

/// A part of a range that is copied.
struct Chunk {
    start: u64,
    len: u64,
}

impl Chunk {
    fn within(&self, range: Span) -> Span {
        Span { offset: range.offset + self.start, len: self.len }
    }
}

/// Copies a range chunk by chunk, until the call must stop.
fn in_chunks(
    guest: &mut Guest<'_>,
    len: u64,
    mut copy: impl FnMut(&mut Guest<'_>, &Chunk, &mut [u8]) -> crate::Result<()>,
) -> Result<()> {
    let mut buffer = [0; CHUNK_BYTES];
    let mut start = 0;
    while start < len {
        guest.data_mut().check_interrupts().map_err(wasmtime::Error::new)?;
        let chunk = Chunk { start, len: (len - start).min(CHUNK_BYTES as u64) };
        copy(guest, &chunk, &mut buffer[..chunk.len as usize]).map_err(wasmtime::Error::new)?;
        start += chunk.len;
    }
    Ok(())
}

/// Ranges were checked before, and memories never shrink.
fn out_of_bounds() -> Error {
    Error::new(ErrorKind::Contract, "the plug-in's memory shrank")
}
