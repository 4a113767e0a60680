//! The functions that every plug-in may import: the modules `extism:host/env`, `plugwright:host/env` and
//! `plugwright:host/mem`.
//!
//! Each is a thin layer over [`kernel_memory`](crate::kernel_memory), variables, logging and HTTP. Offsets and lengths
//! come from the guest and are checked where they are used.

use wasmtime::{Caller, Linker, Result};

use crate::engine::Flavor;
use crate::error::{Error, ErrorKind};
use crate::kernel_memory::{self as memory, Span};
use crate::logging::LogLevel;
use crate::state::State;

mod bulk;
mod http;

/// The module that every host of this contract offers.
pub(crate) const ENV: &str = "extism:host/env";
/// The module of what this host offers beyond it.
pub(crate) const OWN_ENV: &str = "plugwright:host/env";

type Guest<'a> = Caller<'a, State>;

pub(crate) fn add_to_linker(linker: &mut Linker<State>, flavor: Flavor) -> Result<()> {
    blocks(linker)?;
    loads_and_stores(linker)?;
    input_and_output(linker)?;
    config_and_vars(linker)?;
    logs(linker)?;
    http::add_to_linker(linker, flavor)?;
    bulk::add_to_linker(linker)?;
    linker.func_wrap(OWN_ENV, "host_error_take", |mut guest: Guest<'_>| -> Result<u64> {
        match guest.data_mut().call.host_error.take() {
            Some(message) => new_block(&mut guest, message.as_bytes()),
            None => Ok(0),
        }
    })?;
    Ok(())
}

/// Whether an import may wait for something, if it is one of the contract's or of nobody known.
pub(crate) fn may_wait(module: &str, name: &str) -> bool {
    let is_known = [ENV, OWN_ENV, bulk::MODULE].contains(&module);
    !is_known || name == http::REQUEST
}

fn blocks(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(ENV, "alloc", |guest: Guest<'_>, len: u64| -> Result<u64> {
        Ok(memory::alloc(guest, len).map_err(wasmtime::Error::new)?.unwrap_or(0))
    })?;
    linker.func_wrap(ENV, "free", |guest: Guest<'_>, offset: u64| memory::free(guest, offset))?;
    for name in ["length", "length_unsafe"] {
        linker.func_wrap(ENV, name, |guest: Guest<'_>, offset: u64| {
            guest.data().kernel.blocks.length(offset)
        })?;
    }
    linker.func_wrap(ENV, "reset", |guest: Guest<'_>| memory::reset(guest))?;
    linker.func_wrap(ENV, "memory_bytes", |guest: Guest<'_>| guest.data().kernel.blocks.memory_bytes())?;
    Ok(())
}

fn loads_and_stores(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(ENV, "load_u8", |guest: Guest<'_>, offset: u64| -> u32 {
        load::<1>(&guest, offset).map_or(0, |[byte]| u32::from(byte))
    })?;
    linker.func_wrap(ENV, "load_u64", |guest: Guest<'_>, offset: u64| -> u64 {
        load(&guest, offset).map_or(0, u64::from_le_bytes)
    })?;
    linker.func_wrap(ENV, "store_u8", |mut guest: Guest<'_>, offset: u64, value: u32| {
        store(&mut guest, offset, &[value as u8]);
    })?;
    linker.func_wrap(ENV, "store_u64", |mut guest: Guest<'_>, offset: u64, value: u64| {
        store(&mut guest, offset, &value.to_le_bytes());
    })?;
    linker.func_wrap(ENV, "input_load_u8", |guest: Guest<'_>, index: u64| -> u32 {
        load_input::<1>(&guest, index).map_or(0, |[byte]| u32::from(byte))
    })?;
    linker.func_wrap(ENV, "input_load_u64", |guest: Guest<'_>, index: u64| -> u64 {
        load_input(&guest, index).map_or(0, u64::from_le_bytes)
    })?;
    Ok(())
}

fn input_and_output(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(ENV, "input_length", |guest: Guest<'_>| guest.data().kernel.input.len)?;
    linker.func_wrap(ENV, "input_offset", |guest: Guest<'_>| guest.data().kernel.input.offset)?;
    linker.func_wrap(ENV, "input_set", |guest: Guest<'_>, offset: u64, len: u64| -> Result<()> {
        let input = checked(&guest, "input_set", offset, len)?;
        memory::set_input(guest, input);
        Ok(())
    })?;
    linker.func_wrap(ENV, "output_set", |mut guest: Guest<'_>, offset: u64, len: u64| -> Result<()> {
        let output = checked(&guest, "output_set", offset, len)?;
        if let Some(max) = guest.data().settings.max_output_bytes
            && len > max
        {
            let message = format!("the plug-in's output has {len} bytes, but at most {max} are allowed");
            return Err(wasmtime::Error::new(Error::new(ErrorKind::Limit, message)));
        }
        guest.data_mut().kernel.output = output;
        Ok(())
    })?;
    linker.func_wrap(ENV, "output_offset", |guest: Guest<'_>| guest.data().kernel.output.offset)?;
    linker.func_wrap(ENV, "output_length", |guest: Guest<'_>| guest.data().kernel.output.len)?;
    linker.func_wrap(ENV, "error_set", |mut guest: Guest<'_>, offset: u64| {
        guest.data_mut().kernel.error = offset;
    })?;
    linker.func_wrap(ENV, "error_get", |guest: Guest<'_>| guest.data().kernel.error)?;
    Ok(())
}

// Guests' PDKs are known to free blocks that the host owns by then. So a result's block is made before the consumed ones
// are freed: it can never get their offset, and a late `free` never hits it.

fn config_and_vars(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(ENV, "config_get", |mut guest: Guest<'_>, key: u64| -> Result<u64> {
        let (name, state) = begin(&mut guest, key)?;
        let value = std::str::from_utf8(name).ok().and_then(|name| state.session.config.get(name).cloned());
        let block = value.map_or(Ok(0), |value| new_block(&mut guest, value.as_bytes()));
        memory::free(guest, key);
        block
    })?;
    linker.func_wrap(ENV, "var_get", |mut guest: Guest<'_>, key: u64| -> Result<u64> {
        let (name, state) = begin(&mut guest, key)?;
        let value = state.session.vars.get(name).map(<[u8]>::to_vec);
        let block = value.map_or(Ok(0), |value| new_block(&mut guest, &value));
        memory::free(guest, key);
        block
    })?;
    linker.func_wrap(ENV, "var_set", |mut guest: Guest<'_>, key: u64, value: u64| -> Result<()> {
        let (name, state) = begin(&mut guest, key)?;
        if value == 0 {
            state.session.vars.remove(name);
        } else {
            // Asked before anything is copied: a guest names lengths as it likes.
            let len = state.kernel.block(value).len;
            state.session.vars.check(name, len).map_err(wasmtime::Error::new)?;
            let name = name.to_vec();
            let bytes = copy(&guest, value)?;
            guest.data_mut().session.vars.set(name, bytes).map_err(wasmtime::Error::new)?;
        }
        memory::free(&mut guest, key);
        memory::free(guest, value);
        Ok(())
    })?;
    Ok(())
}

fn logs(linker: &mut Linker<State>) -> Result<()> {
    for level in [LogLevel::Trace, LogLevel::Debug, LogLevel::Info, LogLevel::Warn, LogLevel::Error] {
        let name = format!("log_{level}");
        linker.func_wrap(ENV, &name, move |mut guest: Guest<'_>, message: u64| -> Result<()> {
            if guest.data().settings.log.level().is_some_and(|least| level >= least) {
                let (text, state) = begin(&mut guest, message)?;
                state.log(level, text);
            }
            memory::free(guest, message);
            Ok(())
        })?;
    }
    linker.func_wrap(ENV, "get_log_level", |guest: Guest<'_>| -> i32 {
        guest.data().settings.log.level().map_or(i32::MAX, |level| level as i32)
    })?;
    Ok(())
}

/// A range that the guest names, if it lies in its memory.
fn checked(guest: &Guest<'_>, function: &str, offset: u64, len: u64) -> Result<Span> {
    let span = Span { offset, len };
    if len == 0 || guest.data().kernel.blocks.in_bounds(offset, len) {
        return Ok(span);
    }
    let message =
        format!("`{function}` names {len} bytes at offset {offset}, which lie outside the kernel memory");
    Err(wasmtime::Error::new(Error::new(ErrorKind::Contract, message)))
}

/// The bytes of a block that the guest passes, and the state beside it; an error when the call must stop.
fn begin<'a>(guest: &'a mut Guest<'_>, offset: u64) -> Result<(&'a [u8], &'a mut State)> {
    let (bytes, state) = memory::split(guest, offset).map_err(wasmtime::Error::new)?;
    state.check_interrupts().map_err(wasmtime::Error::new)?;
    Ok((bytes, state))
}

fn copy(guest: &Guest<'_>, offset: u64) -> Result<Vec<u8>> {
    memory::copy(guest, offset).map_err(wasmtime::Error::new)
}

/// A block for the guest with `value`; null when that is empty.
fn new_block(guest: &mut Guest<'_>, value: &[u8]) -> Result<u64> {
    memory::alloc_bytes(guest, value).map_err(wasmtime::Error::new)
}

fn load<const N: usize>(guest: &Guest<'_>, offset: u64) -> Option<[u8; N]> {
    let span = Span { offset, len: N as u64 };
    guest.data().kernel.blocks.in_bounds(offset, span.len).then_some(())?;
    memory::bytes(guest, span).ok()?.try_into().ok()
}

fn load_input<const N: usize>(guest: &Guest<'_>, index: u64) -> Option<[u8; N]> {
    let input = guest.data().kernel.input;
    let end = index.checked_add(N as u64)?;
    if end > input.len { None } else { load(guest, input.offset.checked_add(index)?) }
}

fn store(guest: &mut Guest<'_>, offset: u64, value: &[u8]) {
    let span = Span { offset, len: value.len() as u64 };
    if guest.data().kernel.blocks.in_bounds(offset, span.len)
        && let Ok(target) = memory::bytes_mut(guest, span)
    {
        target.copy_from_slice(value);
    }
}
