//! The kernel memory of a plug-in: where a host and its guest exchange bytes.
//!
//! The bytes lie in one WebAssembly memory. Which of them belong to which block is known on the host's side alone,
//! out of the guest's reach, so nothing that a guest writes can mislead the host.
//!
//! A rewritten guest owns that memory and reads and writes it by itself; the host tells it the bounds, see
//! [`GuestView`]. Otherwise the host owns the memory, and the guest reaches it by host functions.

use plugwright_kernel::{Allocator, Backing};
use wasmtime::{AsContext, AsContextMut, Memory, MemoryType};

use crate::error::{Error, ErrorKind, Result};
use crate::state::State;
use crate::{WASM_PAGE_BYTES, sys};

mod guest_view;

pub(crate) use guest_view::{Globals, GuestView};

/// What of a kernel memory stays resident from one call to the next: 4 MiB.
const KEEP_BYTES: u64 = 4 << 20;

/// A range of bytes in kernel memory. Length 0 means that there are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) offset: u64,
    pub(crate) len: u64,
}

impl Span {
    /// The range as indices into `bytes`, if it lies inside them.
    pub(crate) fn of<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let start = usize::try_from(self.offset).ok()?;
        let len = usize::try_from(self.len).ok()?;
        bytes.get(start..start.checked_add(len)?)
    }

    /// Like [`of`](Self::of), to write to.
    pub(crate) fn of_mut<'a>(&self, bytes: &'a mut [u8]) -> Option<&'a mut [u8]> {
        let start = usize::try_from(self.offset).ok()?;
        let len = usize::try_from(self.len).ok()?;
        bytes.get_mut(start..start.checked_add(len)?)
    }
}

/// The blocks of a kernel memory, and the roles that some of them have in the current call.
pub(crate) struct KernelMemory {
    memory: Option<Memory>,
    /// What a rewritten guest is told.
    view: Option<GuestView>,
    /// The bytes of the memory in use, from its start. Above them every page is as the system gave it.
    used: u64,
    pub(crate) blocks: Allocator,
    pub(crate) input: Span,
    pub(crate) output: Span,
    /// Offset of the error message's block, or 0.
    pub(crate) error: u64,
}

impl KernelMemory {
    pub(crate) fn new() -> Self {
        Self {
            memory: None,
            view: None,
            used: 0,
            blocks: Allocator::new(),
            input: Span::default(),
            output: Span::default(),
            error: 0,
        }
    }

    /// Clears what belongs to a call, without telling a guest.
    fn forget(&mut self) {
        self.input = Span::default();
        self.output = Span::default();
        self.error = 0;
    }

    /// The block that starts at `offset`, empty if there is none.
    pub(crate) fn block(&self, offset: u64) -> Span {
        Span { offset, len: self.blocks.length(offset) }
    }

    pub(crate) fn memory(&self) -> Result<Memory> {
        self.memory
            .ok_or_else(|| Error::new(ErrorKind::Contract, "the plug-in's kernel memory does not exist yet"))
    }
}

/// Creates the kernel memory of a store whose guest does not bring it. It holds no pages until something is allocated.
///
/// # Errors
///
/// When the system has no address space for it.
pub(crate) fn create(mut store: impl AsContextMut<Data = State>) -> wasmtime::Result<()> {
    let memory = Memory::new(&mut store, MemoryType::new(0, None))?;
    store.as_context_mut().data_mut().kernel.memory = Some(memory);
    Ok(())
}

/// Uses the memory that a rewritten guest brings, which nothing has been allocated in yet.
///
/// # Errors
///
/// As [`GuestView::new`].
pub(crate) fn attach(
    mut store: impl AsContextMut<Data = State>,
    memory: Memory,
    globals: Globals,
) -> Result<()> {
    let view = GuestView::new(globals, &store)?;
    let mut context = store.as_context_mut();
    let kernel = &mut context.data_mut().kernel;
    kernel.memory = Some(memory);
    kernel.view = Some(view);
    Ok(())
}

/// Frees the block at `offset`; freeing the input's block makes the input empty.
pub(crate) fn free(mut store: impl AsContextMut<Data = State>, offset: u64) {
    let mut context = store.as_context_mut();
    let kernel = &mut context.data_mut().kernel;
    if kernel.blocks.free(offset) {
        if kernel.error == offset {
            kernel.error = 0;
        }
        if kernel.input.offset == offset {
            kernel.input = Span::default();
            publish(store);
        }
    }
}

/// Frees every block and clears input, output and error.
pub(crate) fn reset(mut store: impl AsContextMut<Data = State>) {
    let mut context = store.as_context_mut();
    let kernel = &mut context.data_mut().kernel;
    kernel.blocks.reset();
    kernel.forget();
    publish(store);
}

/// Makes these bytes the input.
#[inline]
pub(crate) fn set_input(mut store: impl AsContextMut<Data = State>, input: Span) {
    store.as_context_mut().data_mut().kernel.input = input;
    publish(store);
}

/// Tells a rewritten guest what changed.
#[inline]
fn publish(mut store: impl AsContextMut<Data = State>) {
    let mut context = store.as_context_mut();
    let kernel = &mut context.data_mut().kernel;
    let (limit, input) = (kernel.blocks.memory_bytes(), kernel.input);
    if let Some(view) = &mut kernel.view
        && !view.shows(limit, input)
    {
        view.change(limit, input).write(context);
    }
}

/// Memory that the allocator may use up to where the engine's memory ends, noting what it would need beyond.
struct Window {
    used: u64,
    end: u64,
    /// The largest and the last, least, size asked for in vain.
    wanted: Option<(u64, u64)>,
}

impl Backing for Window {
    fn size(&self) -> u64 {
        self.used
    }

    fn grow_to(&mut self, bytes: u64) -> bool {
        if bytes <= self.end {
            self.used = bytes;
            return true;
        }
        let largest = self.wanted.map_or(bytes, |(largest, _)| largest.max(bytes));
        self.wanted = Some((largest, bytes));
        false
    }
}

/// A new block of `len` bytes, whose content is unspecified; `None` for `len == 0` or when memory is exhausted.
pub(crate) fn alloc(mut store: impl AsContextMut<Data = State>, len: u64) -> Result<Option<u64>> {
    let mut context = store.as_context_mut();
    let memory = context.data().kernel.memory()?;
    for _ in 0..2 {
        let end = (memory.data_size(&context) as u64).saturating_sub(context.data().budget.unclaimed());
        let kernel = &mut context.data_mut().kernel;
        let mut window = Window { used: kernel.used, end, wanted: None };
        if let Some(offset) = kernel.blocks.alloc(len, &mut window) {
            if window.used > kernel.used {
                kernel.used = window.used;
                expect_use(&mut context)?;
            }
            return Ok(Some(offset.get()));
        }
        let Some((most, least)) = window.wanted else { return Ok(None) };
        let missing = |bytes: u64| bytes.saturating_sub(end).div_ceil(WASM_PAGE_BYTES);
        // Asks for more than is needed only if that is granted: a refusal is remembered, and explains a later trap.
        let room = context.data().budget.room() / WASM_PAGE_BYTES;
        let pages = if missing(most) <= room { missing(most) } else { missing(least) };
        let Some(claimed) = context.data_mut().budget.claim(pages.saturating_mul(WASM_PAGE_BYTES)) else {
            return Ok(None);
        };
        let pages = pages - claimed / WASM_PAGE_BYTES;
        if pages > 0 && memory.grow(&mut context, pages).is_err() {
            return Ok(None);
        }
    }
    Ok(None)
}

/// Prepares for more bytes in use than before.
#[cold]
fn expect_use(mut store: impl AsContextMut<Data = State>) -> Result<()> {
    let kernel = &store.as_context().data().kernel;
    let (memory, used) = (kernel.memory()?, kernel.used);
    if let Some(rest) = kept_out(memory.data_mut(&mut store), used) {
        sys::prefer_huge_pages(rest);
    }
    publish(store);
    Ok(())
}

/// The bytes in use that do not stay resident after a call.
fn kept_out(memory: &mut [u8], used: u64) -> Option<&mut [u8]> {
    let (start, end) = (usize::try_from(KEEP_BYTES).ok()?, usize::try_from(used).ok()?);
    memory.get_mut(start..end)
}

/// A new block with these bytes, 0 for none.
///
/// # Errors
///
/// `OutOfMemory` when there is no room.
#[inline]
pub(crate) fn alloc_bytes(store: impl AsContextMut<Data = State>, bytes: &[u8]) -> Result<u64> {
    if bytes.is_empty() { Ok(0) } else { alloc_some_bytes(store, bytes) }
}

fn alloc_some_bytes(mut store: impl AsContextMut<Data = State>, bytes: &[u8]) -> Result<u64> {
    let len = bytes.len() as u64;
    let offset = alloc(&mut store, len)?.ok_or_else(|| {
        Error::new(
            ErrorKind::OutOfMemory,
            format!("no room for {len} more bytes in the plug-in's memory; raise `memory.max_pages` if it needs more"),
        )
    })?;
    let memory = store.as_context().data().kernel.memory()?;
    match (Span { offset, len }).of_mut(memory.data_mut(&mut store)) {
        Some(target) => target.copy_from_slice(bytes),
        None => return Err(out_of_bounds(offset, len)),
    }
    Ok(offset)
}

/// The bytes in `span`.
///
/// # Errors
///
/// `Contract` when it lies outside the memory.
#[inline]
pub(crate) fn bytes(store: &impl AsContext<Data = State>, span: Span) -> Result<&[u8]> {
    let store = store.as_context();
    if span.len == 0 {
        return Ok(&[]);
    }
    let memory = store.data().kernel.memory()?;
    span.of(memory.data(store)).ok_or_else(|| out_of_bounds(span.offset, span.len))
}

/// The bytes in `span`, to write to. Errors like [`bytes`].
pub(crate) fn bytes_mut(store: &mut impl AsContextMut<Data = State>, span: Span) -> Result<&mut [u8]> {
    let memory = store.as_context().data().kernel.memory()?;
    span.of_mut(memory.data_mut(store)).ok_or_else(|| out_of_bounds(span.offset, span.len))
}

/// Every byte there is.
///
/// # Errors
///
/// `Contract` when there is no memory yet.
pub(crate) fn all(store: &mut impl AsContextMut<Data = State>) -> Result<&mut [u8]> {
    let memory = store.as_context().data().kernel.memory()?;
    Ok(memory.data_mut(store))
}

/// The bytes of the block at `offset`, none if there is no block, beside the rest of the store's state.
pub(crate) fn split(store: &mut impl AsContextMut<Data = State>, offset: u64) -> Result<(&[u8], &mut State)> {
    let kernel = &store.as_context().data().kernel;
    let (span, memory) = (kernel.block(offset), kernel.memory()?);
    let (bytes, state) = memory.data_and_store_mut(store);
    let bytes = if span.len == 0 { Some(&[][..]) } else { span.of(bytes) };
    Ok((bytes.ok_or_else(|| out_of_bounds(span.offset, span.len))?, state))
}

/// A copy of the block at `offset`, empty if there is none.
pub(crate) fn copy(store: &impl AsContext<Data = State>, offset: u64) -> Result<Vec<u8>> {
    let span = store.as_context().data().kernel.block(offset);
    Ok(bytes(store, span)?.to_vec())
}

/// Makes the kernel memory ready for another call: no blocks, and no more resident memory than a small call needs.
#[inline]
pub(crate) fn begin_call(mut store: impl AsContextMut<Data = State>) {
    let mut context = store.as_context_mut();
    let kernel = &mut context.data_mut().kernel;
    kernel.forget();
    if kernel.used <= KEEP_BYTES {
        kernel.blocks.reset();
        return;
    }
    release(store);
}

/// Like [`reset`], between calls: an instance that lies idle keeps no more resident memory than a small call needs.
#[inline]
pub(crate) fn end_use(mut store: impl AsContextMut<Data = State>) {
    begin_call(&mut store);
    publish(store);
}

/// Frees every block, and gives back to the system what is above the bytes that stay.
#[cold]
fn release(mut store: impl AsContextMut<Data = State>) {
    let mut context = store.as_context_mut();
    let kernel = &mut context.data_mut().kernel;
    kernel.blocks.reset_to(KEEP_BYTES);
    let used = std::mem::replace(&mut kernel.used, KEEP_BYTES);
    // Without a memory nothing is in use.
    if let Some(memory) = kernel.memory
        && let Some(rest) = kept_out(memory.data_mut(&mut context), used)
    {
        sys::release_pages(rest);
    }
    publish(store);
}

fn out_of_bounds(offset: u64, len: u64) -> Error {
    Error::new(
        ErrorKind::Contract,
        format!("the plug-in names {len} bytes at offset {offset}, which lie outside its kernel memory"),
    )
}
