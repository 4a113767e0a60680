//! Rewrites plug-ins so that they reach kernel memory by instructions instead of calls.
//!
//! [`rewrite`] takes one WebAssembly module and makes an equivalent one that has the plug-in's kernel memory as a memory of
//! its own, behind all memories that the module had, where its code cannot name it. Calls of the contract's `load_*`,
//! `store_*` and `input_*` functions become loads and stores there, with the contract's results out of bounds. Nothing else of
//! the module moves: every index means what it meant, so names, tables and exports stay right, and imports are still there for
//! whoever calls them indirectly.
//!
//! # What the host does
//!
//! - It instantiates the rewritten module like the original, and then calls [`START`] if [`Rewritten::has_start`].
//! - It keeps the plug-in's kernel memory in [`MEMORY`], which it alone grows, and keeps the globals [`LIMIT`], [`LIMIT8`],
//!   [`INPUT_OFFSET`], [`INPUT_LENGTH`] and [`INPUT_LIMIT8`] (all of type `i64`, unsigned, initially 0) up to date whenever the
//!   guest is running. Their documentation says what must hold: the guest's accesses are checked against nothing else.
//! - It shows exports whose names start with [`NAMESPACE`] to nobody, other modules of the plug-in included, and never reads
//!   the globals back. A module that is linked to others has a kernel memory of its own once it is rewritten, so that all but
//!   one of them must be left as they are.
//! - It still has functions for all imports. `read` and `write` of `plugwright:host/mem` are called for ranges outside kernel
//!   memory, to report the error, and for long ones, which they should do in pieces between looks at the deadline.
//! - It knows that fuel is spent otherwise: a call costs less than the instructions in its place.
//! - It translates offsets in backtraces by [`Rewritten::offsets`], and leaves out functions from
//!   [`Rewritten::first_added_function`] on.
//!
//! ```
//! // A module without anything in it.
//! let rewritten = plugwright_rewrite::rewrite(b"\0asm\x01\0\0\0")?;
//! assert!(!rewritten.has_start);
//! # Ok::<(), plugwright_rewrite::Error>(())
//! ```

mod assemble;
mod body;
mod chunk;
mod edits;
mod error;
mod import;
mod inline;
mod kernel;
mod offsets;
mod reserve;
mod scan;
mod section;

pub use error::Error;
pub use kernel::{INPUT_LENGTH, INPUT_LIMIT8, INPUT_OFFSET, LIMIT, LIMIT8, MEMORY, NAMESPACE, START};
pub use offsets::OffsetMap;

/// Changes whenever a module would be rewritten differently: part of the key of whatever is kept of rewritten modules.
pub const VERSION: u32 = 2;

/// The most bytes of a module that is rewritten: 256 MiB.
pub const MAX_MODULE_BYTES: usize = 256 << 20;

/// A rewritten module.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rewritten {
    /// The module.
    pub wasm: Vec<u8>,
    /// Whether the original had a start function. It is no longer called at instantiation, but exported as [`START`].
    pub has_start: bool,
    /// Where the code was in the original.
    pub offsets: OffsetMap,
    /// The index of the first function that the original does not have, whether or not there is one: how many it imports
    /// and defines.
    pub first_added_function: u32,
    /// The pages that memory 0 has beyond those that the original asks for at the start: those of
    /// [`Options::reserve_pages`], or 0.
    pub reserve_pages: u32,
}

/// How to rewrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    chunk_bytes: u32,
    reserve_pages: u32,
    kernel_pages: u32,
}

impl Default for Options {
    /// Chunks of 4 MiB, no reserve, and kernel memory of 1 page.
    fn default() -> Self {
        Self { chunk_bytes: 4 << 20, reserve_pages: 0, kernel_pages: 1 }
    }
}

impl Options {
    /// The most bytes, at least 1 and at most 1 GiB, that one `memory.fill` or `memory.copy` works on. Longer ones are done in
    /// chunks of so many bytes, between which the engine can interrupt the guest.
    #[must_use]
    pub fn chunk_bytes(mut self, bytes: u32) -> Self {
        self.chunk_bytes = bytes.clamp(1, 1 << 30);
        self
    }

    /// Gives a module that uses `memory.grow` so many pages of 64 KiB more from the start, which `memory.grow` takes first and
    /// `memory.size` does not show until then: making a memory larger takes longer than making it, many times longer when several
    /// threads do it. For memory 0, when it is defined in the module, has 32-bit addresses, is not shared, and may become so
    /// large.
    ///
    /// What the guest sees differs in one thing: it may touch pages of the reserve, which are zero, before it asks for them,
    /// where the original traps. The host sees them too, when the memory is exported, and must count them.
    #[must_use]
    pub fn reserve_pages(mut self, pages: u32) -> Self {
        self.reserve_pages = pages;
        self
    }

    /// Gives kernel memory so many pages of 64 KiB from the start.
    #[must_use]
    pub fn kernel_pages(mut self, pages: u32) -> Self {
        self.kernel_pages = pages;
        self
    }

    /// As [`rewrite`], with these options.
    ///
    /// # Errors
    ///
    /// Those of [`rewrite`].
    pub fn rewrite(&self, wasm: &[u8]) -> Result<Rewritten, Error> {
        if wasm.len() > MAX_MODULE_BYTES {
            return Err(Error::TooLarge { what: "bytes", size: wasm.len(), max: MAX_MODULE_BYTES });
        }
        assemble::assemble(wasm, scan::scan(wasm, self)?)
    }
}

/// Rewrites a module with the default [`Options`].
///
/// `.debug_*` sections are left out, since their addresses would be wrong (read the original's, by [`OffsetMap`]), and
/// `metadata.code.*` sections for the same reason. Whoever runs the module decides which proposals it may use: it uses
/// what the original uses, and multiple memories, bulk memory and multiple values.
///
/// # Errors
///
/// [`Error`] has the reasons. A module that is not rewritten lacks the limits that the rewrite gives to bulk instructions.
pub fn rewrite(wasm: &[u8]) -> Result<Rewritten, Error> {
    Options::default().rewrite(wasm)
}
