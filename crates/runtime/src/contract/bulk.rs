//! Copies between kernel memory and a guest's own memory: the module `plugwright:host/mem`.
//!
//! A rewritten guest copies by itself, and calls these only for ranges outside its kernel memory, to get the error.

use wasmtime::{Extern, Linker, Memory, Result, Trap};

use super::{Guest, checked};
use crate::error::{Error, ErrorKind};
use crate::kernel_memory::{self, Span};
use crate::state::State;

/// The module of these functions.
const MODULE: &str = "plugwright:host/mem";

pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    // Two memories of a store cannot be borrowed at a time: hence a copy between them.
    linker.func_wrap(
        MODULE,
        "read",
        |mut guest: Guest<'_>, to: u32, offset: u64, len: u64| -> Result<()> {
            let span = checked(&guest, "read", offset, len)?;
            let own = own_memory(&mut guest, "read")?;
            let target = Span { offset: to.into(), len };
            target.of(own.data(&guest)).ok_or(Trap::MemoryOutOfBounds)?;
            let bytes = kernel_memory::bytes(&guest, span).map_err(wasmtime::Error::new)?.to_vec();
            target.of_mut(own.data_mut(&mut guest)).ok_or(Trap::MemoryOutOfBounds)?.copy_from_slice(&bytes);
            Ok(())
        },
    )?;
    linker.func_wrap(
        MODULE,
        "write",
        |mut guest: Guest<'_>, offset: u64, from: u32, len: u64| -> Result<()> {
            let span = checked(&guest, "write", offset, len)?;
            let own = own_memory(&mut guest, "write")?;
            let source = Span { offset: from.into(), len };
            let bytes = source.of(own.data(&guest)).ok_or(Trap::MemoryOutOfBounds)?.to_vec();
            if bytes.is_empty() {
                return Ok(());
            }
            kernel_memory::bytes_mut(&mut guest, span).map_err(wasmtime::Error::new)?.copy_from_slice(&bytes);
            Ok(())
        },
    )?;
    Ok(())
}

/// The memory of the calling module.
fn own_memory(guest: &mut Guest<'_>, function: &str) -> Result<Memory> {
    match guest.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => {
            let message = format!("`{function}` needs the module to export its memory as `memory`");
            Err(wasmtime::Error::new(Error::new(ErrorKind::Contract, message)))
        }
    }
}
