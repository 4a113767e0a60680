//! The plug-in that is calling a host function, by the number of the call. Offsets are passed in the header of the scratch memory.

use napi::Env;
use napi::bindgen_prelude::{ArrayBuffer, Either, Uint8Array};
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

fn offset(here: &mut Environment) -> u64 {
    u64::from_ne_bytes(*here.number_passed())
}

/// Ends with a number or an error of the runtime's.
fn number_or_failure(result: Result<u64, Error>) -> Either<f64, Failure> {
    match result {
        Ok(number) => Either::A(number as f64),
        Err(error) => Either::B(failure_of(&error)),
    }
}

/// The length of the block at the offset.
#[napi]
pub(crate) fn current_length(number: u32) -> napi::Result<Either<f64, Failure>> {
    environment::with(|here| {
        let offset = offset(here);
        let length = with(here, number, |plugin| plugin.memory(offset).map(MemoryHandle::len))?;
        Ok(number_or_failure(length))
    })
}

/// The length of the block at the offset, and its bytes if they fit into the scratch memory.
#[napi]
pub(crate) fn current_read(number: u32) -> napi::Result<Either<f64, Failure>> {
    environment::with(|here| {
        let offset = offset(here);
        let len = with_memory(here, number, |plugin, memory| {
            let bytes = plugin.read(plugin.memory(offset)?)?;
            if let Some(place) = memory.get_mut(..bytes.len()) {
                place.copy_from_slice(bytes);
            }
            Ok(bytes.len() as u64)
        })?;
        Ok(number_or_failure(len))
    })
}

/// A copy of the block at the offset.
#[napi]
pub(crate) fn current_copy(env: Env, number: u32) -> napi::Result<Either<ArrayBuffer<'static>, Failure>> {
    environment::with(|here| {
        let offset = offset(here);
        let copied = with(here, number, |plugin| {
            let bytes = plugin.read(plugin.memory(offset)?)?;
            Ok(ArrayBuffer::copy_from(&env, bytes))
        })?;
        match copied {
            Ok(copy) => Ok(Either::A(copy?)),
            Err(error) => Ok(Either::B(failure_of(&error))),
        }
    })
}

/// Makes a block of `input`, or of so many bytes of the scratch memory, and passes its offset.
#[napi]
pub(crate) fn current_store(
    number: u32,
    len: u32,
    input: Option<Uint8Array>,
) -> napi::Result<Option<Failure>> {
    environment::with(|here| {
        let stored = match &input {
            Some(input) => with(here, number, |plugin| plugin.alloc_bytes(input))?,
            None => {
                here.first(len)?;
                with_memory(here, number, |plugin, memory| plugin.alloc_bytes(&memory[..len as usize]))?
            }
        };
        Ok(pass_offset(here, stored))
    })
}

/// Makes a block of so many bytes, and passes its offset.
#[napi]
pub(crate) fn current_alloc(number: u32, len: f64) -> napi::Result<Option<Failure>> {
    environment::with(|here| {
        let made = with(here, number, |plugin| plugin.alloc(len as u64))?;
        Ok(pass_offset(here, made))
    })
}

fn pass_offset(here: &mut Environment, made: Result<MemoryHandle, Error>) -> Option<Failure> {
    match made {
        Ok(block) => {
            *here.number_passed() = block.offset().to_ne_bytes();
            None
        }
        Err(error) => Some(failure_of(&error)),
    }
}

/// Frees the block at the offset.
#[napi]
pub(crate) fn current_free(number: u32) -> napi::Result<Option<Failure>> {
    environment::with(|here| {
        let offset = offset(here);
        let freed = with(here, number, |plugin| plugin.memory(offset).map(|block| plugin.free(block)))?;
        Ok(freed.err().map(|error| failure_of(&error)))
    })
}

/// Writes to the block at the offset, as far as there is one and as it goes.
#[napi]
pub(crate) fn current_write(number: u32, bytes: Uint8Array) -> napi::Result<()> {
    environment::with(|here| {
        let offset = offset(here);
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
