//! Fails in every way a plug-in can fail, so that hosts can show that they survive it.

use std::hint::black_box;

use extism_pdk::{extism, plugin_fn, Error, FnResult, WithReturnCode};

const MIB: usize = 1 << 20;

/// Fails with the input as its message.
#[plugin_fn]
pub fn fail_message(message: String) -> FnResult<()> {
    Err(Error::msg(message).into())
}

/// Fails with a code of its own.
#[plugin_fn]
pub fn fail_code() -> FnResult<()> {
    Err(WithReturnCode::new(Error::msg("refused with code 42"), 42))
}

/// Panics with the input as its message, which becomes a trap.
#[plugin_fn]
pub fn panic(message: String) -> FnResult<()> {
    panic!("{message}")
}

/// Traps without panicking.
#[no_mangle]
pub extern "C" fn unreachable() -> i32 {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort()
}

/// Never returns.
#[no_mangle]
pub extern "C" fn loop_forever() -> i32 {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Calls itself until the stack is exhausted.
#[plugin_fn]
pub fn recurse() -> FnResult<String> {
    Ok(deeper(black_box(0)).to_string())
}

// Its frames hold no memory of the guest's own stack, so that the host's stack is what ends. The sum after the
// call keeps it a call: a compiler would make a loop of anything simpler.
#[inline(never)]
fn deeper(level: u64) -> u64 {
    if level == u64::MAX {
        return 0;
    }
    deeper(level + 1).wrapping_mul(3) ^ level
}

/// Grows its own linear memory until that is refused.
#[plugin_fn]
pub fn exhaust_heap() -> FnResult<&'static str> {
    // Room for every chunk that a 32-bit memory can hold: the list itself must not be what fails.
    let mut chunks: Vec<Vec<u8>> = Vec::with_capacity(4096);
    loop {
        let mut chunk = Vec::new();
        if chunk.try_reserve_exact(MIB).is_err() {
            return Ok("refused");
        }
        chunks.push(black_box(chunk));
    }
}

/// Asks the host for blocks until it refuses one.
#[plugin_fn]
pub fn exhaust_blocks() -> FnResult<&'static str> {
    let mut last = 0;
    loop {
        // SAFETY: `alloc` takes any length, and nothing reads or writes the block.
        let block = unsafe { extism::alloc(MIB as u64) };
        if block == 0 {
            break;
        }
        last = block;
    }
    // The answer needs a block too.
    // SAFETY: nothing else knows this block.
    unsafe { extism::free(last) };
    Ok("refused")
}
