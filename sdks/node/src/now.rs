//! Calls of plug-ins that can wait for nothing: done at once, on the stack of JavaScript's thread.
//!
//! Everything but a large input is passed through the scratch memory, and nothing is made that the garbage collector has to free.

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::call::{Call, DONE, Ended, FAILED, HAS_LOGGED, Outcome};
use crate::environment::{self, Environment};
use crate::instance::not_at_home;
use crate::residents::{self, Resident};

/// Is added when the clock has ticked more than once, so that the call has taken longer than it should on this thread.
const TOOK_LONG: u32 = 8;

/// Calls a function of an instance. The header has the length of the input, which is in the scratch memory, the function's place, and
/// that of the instance as its last number. In the end the last number is as `step` returns it, and the others as well.
#[napi]
pub(crate) fn call_now() -> napi::Result<()> {
    environment::with(|here| run(here, None))
}

/// The same, with an input that does not fit into the scratch memory.
#[napi]
pub(crate) fn call_now_with(input: Uint8Array) -> napi::Result<()> {
    environment::with(|here| run(here, Some(&input)))
}

fn run(here: &mut Environment, large: Option<&[u8]>) -> napi::Result<()> {
    let [len, entry, _, place] = here.header();
    residents::with(place, |resident| call(here, resident, entry, len, large))
        .unwrap_or_else(|| Err(not_at_home()))
}

fn call(
    here: &mut Environment,
    Resident { home, names, logs }: &Resident,
    entry: u32,
    len: u32,
    large: Option<&[u8]>,
) -> napi::Result<()> {
    let name = names.get(entry)?;
    let input = match large {
        Some(input) => input,
        None => here.first(len)?,
    };
    let Some(mut plugin) = home.take() else { return Err(not_at_home()) };
    let result = plugin.call::<_, ()>(name, input);
    let mut says = if logs.is_empty() { 0 } else { HAS_LOGGED };
    if plugin.ticks() > 1 {
        says |= TOOK_LONG;
    }
    let output = plugin.output();
    *here.number_passed() = (output.len() as u64).to_ne_bytes();
    let outcome = match result {
        Ok(()) => {
            if let Some(room) = here.data().get_mut(..output.len()) {
                room.copy_from_slice(output);
                home.set(Some(plugin));
                here.set_last(says | DONE);
                return Ok(());
            }
            Outcome::Output(None)
        }
        Err(error) => {
            says |= FAILED;
            Outcome::Error(error)
        }
    };
    // JavaScript asks for what does not fit as it does of any other call.
    let call = Call::over(home.clone(), logs.clone(), Ended { instance: Some(plugin), outcome });
    let number = here.number();
    here.begin(number, Box::new(call));
    here.set_call_number(number);
    here.set_last(says);
    Ok(())
}
