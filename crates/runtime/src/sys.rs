//! The only module with `unsafe`: what the engine and the system offer in no other way.
#![allow(unsafe_code)]

use wasmtime::{Engine, Module};

/// Loads compiled code that [`Module::serialize`] made.
///
/// The bytes become machine code that runs with all rights of the process. This is the one place where somebody's word
/// is taken for that: of the cache, which authenticates what it returns, or of a host that called
/// [`PluginSource::trusted_compiled_code`](crate::PluginSource::trusted_compiled_code).
///
/// # Errors
///
/// When the code is from another version or configuration of the engine.
pub(crate) fn deserialize_trusted(engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Module> {
    // SAFETY: both callers vouch that the bytes come from `Module::serialize`, as running a program vouches for its
    // file. The engine itself checks version and configuration.
    unsafe { Module::deserialize(engine, bytes) }
}

/// Gives the whole pages inside `bytes` back to the system. Their content becomes unspecified.
pub(crate) fn release_pages(bytes: &mut [u8]) {
    #[cfg(target_os = "linux")]
    advise(bytes, rustix::mm::Advice::LinuxDontNeed);
    #[cfg(not(target_os = "linux"))]
    let _ = bytes;
}

/// Asks the system for large pages in `bytes`, which are made, and given back, a hundred times faster than small ones.
pub(crate) fn prefer_huge_pages(bytes: &mut [u8]) {
    #[cfg(target_os = "linux")]
    advise(bytes, rustix::mm::Advice::LinuxHugepage);
    #[cfg(not(target_os = "linux"))]
    let _ = bytes;
}

/// Advises the system about the whole pages inside `bytes`. That it does not listen costs speed, nothing else.
#[cfg(target_os = "linux")]
fn advise(bytes: &mut [u8], advice: rustix::mm::Advice) {
    let page = rustix::param::page_size();
    let start = bytes.as_ptr().align_offset(page);
    let len = bytes.len().saturating_sub(start) / page * page;
    if len == 0 {
        return;
    }
    let first: *mut u8 = bytes[start..].as_mut_ptr();
    // SAFETY: the range is page-aligned and lies inside `bytes`, which is borrowed exclusively, so nobody else looks at it
    // meanwhile. Of the two advices that are given, `LinuxDontNeed` replaces private anonymous pages by zero pages and
    // leaves others as they are, and `LinuxHugepage` changes no content: every byte stays readable and initialised.
    if let Err(error) = unsafe { rustix::mm::madvise(first.cast(), len, advice) } {
        tracing::debug!(%error, "the system does not take advice on kernel memory");
    }
}
