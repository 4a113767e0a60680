//! The plug-in that is calling a host function, by the number of the call.
//!
//! Offsets are passed at the beginning of the scratch memory. What has to do with blocks of memory gets the call's number from there as well.

use napi::Env;
use napi::bindgen_prelude::{ArrayBuffer, BufferSlice, Uint8Array};
use napi_derive::napi;
use plugwright::{CurrentPlugin, Error, MemoryHandle};

use crate::environment::{self, Environment};
use crate::error::{Failure, failure_of};

/// Does something with the plug-in.
fn with<R>(
    here: &mut Environment,
    number: u32,
    action: impl FnOnce(&mut CurrentPlugin<'_>) -> R,
) -> napi::Result<R> {
    with_memory(here, number, |plugin, _| action(plugin))
}

/// Does something with the plug-in, and with the scratch memory after its header.
fn with_memory<R>(
    here: &mut Environment,
    number: u32,
    action: impl FnOnce(&mut CurrentPlugin<'_>, &mut [u8]) -> R,
) -> napi::Result<R> {
    let plugin = here.call(number)?.asking()?.plugin.clone();
    let result = plugin.with(|plugin| action(plugin, here.data()));
    result.ok_or_else(|| napi::Error::from_reason("the call has ended, and with it the host function"))
}

/// The number of the call, which the header has.
fn call_number(here: &mut Environment) -> u32 {
    let [.., number, _] = here.header();
    number
}

fn offset(here: &mut Environment) -> u64 {
    u64::from_ne_bytes(*here.number_passed())
}

/// Passes what comes of something that is done with the plug-in whose number the header has, and with the scratch memory after that.
///
/// Functions that guests' calls often need take and return nothing but what they pass so: a parameter or a result costs more than they.
fn pass(
    action: impl FnOnce(&mut CurrentPlugin<'_>, &mut [u8], u64) -> Result<u64, Error>,
) -> napi::Result<()> {
    environment::with(|here| {
        let (number, offset) = (call_number(here), offset(here));
        let result = with_memory(here, number, |plugin, memory| action(plugin, memory, offset))?;
        here.pass(result);
        Ok(())
    })
}

/// Passes the length of the block at the offset, 0 where none begins.
#[napi]
pub(crate) fn current_length() -> napi::Result<()> {
    pass(|plugin, _, offset| Ok(plugin.memory(offset).map_or(0, MemoryHandle::len)))
}

/// Passes the length of the block at the offset, and its bytes if they fit.
#[napi]
pub(crate) fn current_read() -> napi::Result<()> {
    pass(|plugin, memory, offset| {
        let bytes = plugin.read(plugin.memory(offset)?)?;
        if let Some(place) = memory.get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
        }
        Ok(bytes.len() as u64)
    })
}

/// Copies the block at the offset to a buffer of its length.
#[napi]
pub(crate) fn current_copy(mut to: BufferSlice<'_>) -> napi::Result<Option<Failure>> {
    environment::with(|here| {
        let (number, offset) = (call_number(here), offset(here));
        let copied = with(here, number, |plugin| {
            let bytes = plugin.read(plugin.memory(offset)?)?;
            let len = bytes.len().min(to.len());
            to[..len].copy_from_slice(&bytes[..len]);
            Ok(())
        })?;
        Ok(copied.err().map(|error: Error| failure_of(&error)))
    })
}

/// Makes a block of so many bytes of the scratch memory, and passes its offset.
#[napi]
pub(crate) fn current_store() -> napi::Result<()> {
    pass(|plugin, memory, len| {
        let len = usize::try_from(len).unwrap_or(usize::MAX).min(memory.len());
        plugin.alloc_bytes(&memory[..len]).map(MemoryHandle::offset)
    })
}

/// Makes a block of bytes that do not fit into the scratch memory, and passes its offset.
#[napi]
pub(crate) fn current_store_large(bytes: Uint8Array) -> napi::Result<()> {
    pass(|plugin, _, _| plugin.alloc_bytes(&bytes).map(MemoryHandle::offset))
}

/// Makes a block of as many bytes as the number at the beginning says, of JavaScript's own type, and passes its offset.
#[napi]
pub(crate) fn current_alloc() -> napi::Result<()> {
    pass(|plugin, _, bits| plugin.alloc(f64::from_bits(bits) as u64).map(MemoryHandle::offset))
}

/// Frees the block at the offset, if one begins there.
#[napi]
pub(crate) fn current_free() -> napi::Result<()> {
    pass(|plugin, _, offset| {
        if let Ok(block) = plugin.memory(offset) {
            plugin.free(block);
        }
        Ok(offset)
    })
}

/// Writes to the block at the offset, as far as there is one and as it goes.
#[napi]
pub(crate) fn current_write(bytes: Uint8Array) -> napi::Result<()> {
    environment::with(|here| {
        let (number, offset) = (call_number(here), offset(here));
        with(here, number, |plugin| {
            // The program may have freed it.
            let Ok(block) = plugin.memory(offset) else { return };
            let Ok(place) = plugin.write(block) else { return };
            let bytes = &*bytes;
            let len = place.len().min(bytes.len());
            place[..len].copy_from_slice(&bytes[..len]);
        })
    })
}

/// A copy of a variable of the plug-in.
#[napi]
pub(crate) fn current_variable(
    env: Env,
    number: u32,
    key: String,
) -> napi::Result<Option<ArrayBuffer<'static>>> {
    environment::with(|here| {
        let copied =
            with(here, number, |plugin| plugin.var(&key).map(|value| ArrayBuffer::copy_from(&env, value)))?;
        copied.transpose()
    })
}

/// Sets a variable of the plug-in, or removes it.
#[napi]
pub(crate) fn current_set_variable(
    number: u32,
    key: String,
    value: Option<Uint8Array>,
) -> napi::Result<Option<Failure>> {
    environment::with(|here| {
        let set = with(here, number, |plugin| match &value {
            Some(value) => plugin.set_var(&key, &**value),
            None => {
                plugin.remove_var(&key);
                Ok(())
            }
        })?;
        Ok(set.err().map(|error| failure_of(&error)))
    })
}

/// A value of the plug-in's config.
#[napi]
pub(crate) fn current_config(number: u32, key: String) -> napi::Result<Option<String>> {
    environment::with(|here| with(here, number, |plugin| plugin.config(&key).map(str::to_owned)))
}

/// The id of the plug-in.
#[napi]
pub(crate) fn current_id(number: u32) -> napi::Result<String> {
    environment::with(|here| with(here, number, |plugin| plugin.id().to_string()))
}

/// The milliseconds until the call's deadline, if it has one.
#[napi]
pub(crate) fn current_time_left(number: u32) -> napi::Result<Option<f64>> {
    environment::with(|here| {
        with(here, number, |plugin| plugin.time_left().map(|left| left.as_secs_f64() * 1000.0))
    })
}
