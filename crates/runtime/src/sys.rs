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

/// Lets the system call these functions on a thread that forks: before it does, and after, in the parent and in the child. For ever.
///
/// # Errors
///
/// The system's error number, when it has no memory for that.
#[cfg(unix)]
pub(crate) fn at_fork(
    before: extern "C" fn(),
    in_parent: extern "C" fn(),
    in_child: extern "C" fn(),
) -> Result<(), i32> {
    // SAFETY: the functions are safe to call at any time, on any thread, and do not unwind, being `extern "C"`. (In the child of a
    // process with several threads they may do nothing that waits for another thread; see their module.)
    match unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) } {
        0 => Ok(()),
        error => Err(error),
    }
}

/// The addresses of the calling thread's own stack; `None` where the system does not tell.
pub(crate) fn thread_stack() -> Option<std::ops::Range<usize>> {
    #[cfg(target_os = "linux")]
    {
        let mut attributes = std::mem::MaybeUninit::uninit();
        // SAFETY: the thread that asks is running, and the attributes are written before they are read, if it returns 0.
        if unsafe { libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) } != 0 {
            return None;
        }
        let (mut start, mut len) = (std::ptr::null_mut(), 0);
        // SAFETY: the attributes were initialised above, are destroyed once, and are not used afterwards; the two results are
        // places of their own.
        let found = unsafe {
            let found = libc::pthread_attr_getstack(attributes.as_ptr(), &mut start, &mut len);
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
            found
        };
        let start = start.addr();
        (found == 0).then_some(start..start.checked_add(len)?)
    }
    #[cfg(target_vendor = "apple")]
    {
        // SAFETY: both only look at the thread that asks, which is running.
        let (end, len) = unsafe {
            let thread = libc::pthread_self();
            (libc::pthread_get_stackaddr_np(thread).addr(), libc::pthread_get_stacksize_np(thread))
        };
        Some(end.checked_sub(len)?..end)
    }
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    None
}

/// More bytes than this are given back by a thread of their own: unmapping a gigabyte takes up to 100 ms.
#[cfg(target_os = "linux")]
const RELEASED_AT_ONCE: usize = 8 << 20;

/// Gives the whole pages inside `bytes` back to the system. Their content becomes unspecified.
pub(crate) fn release_pages(bytes: &mut [u8]) {
    #[cfg(target_os = "linux")]
    if bytes.len() <= RELEASED_AT_ONCE || !release_elsewhere(bytes) {
        advise(bytes, rustix::mm::Advice::LinuxDontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = bytes;
}

/// Asks the system for large pages in `bytes`, which are made, and given back, faster than as many small ones.
pub(crate) fn prefer_huge_pages(bytes: &mut [u8]) {
    #[cfg(target_os = "linux")]
    advise(bytes, rustix::mm::Advice::LinuxHugepage);
    #[cfg(not(target_os = "linux"))]
    let _ = bytes;
}

/// The whole pages inside `bytes`.
#[cfg(target_os = "linux")]
fn whole_pages(bytes: &mut [u8]) -> &mut [u8] {
    let page = rustix::param::page_size();
    let start = bytes.as_ptr().align_offset(page).min(bytes.len());
    let len = (bytes.len() - start) / page * page;
    &mut bytes[start..start + len]
}

/// Advises the system about the whole pages inside `bytes`. That it does not listen costs speed, nothing else.
#[cfg(target_os = "linux")]
fn advise(bytes: &mut [u8], advice: rustix::mm::Advice) {
    let pages = whole_pages(bytes);
    if pages.is_empty() {
        return;
    }
    // SAFETY: the range is page-aligned and borrowed exclusively, so nobody else looks at it meanwhile. Of the two advices that
    // are given, `LinuxDontNeed` replaces private anonymous pages by zero pages and leaves others as they are, and
    // `LinuxHugepage` changes no content: every byte stays readable and initialised.
    if let Err(error) = unsafe { rustix::mm::madvise(pages.as_mut_ptr().cast(), pages.len(), advice) } {
        tracing::debug!(%error, "the system does not take advice on kernel memory");
    }
}

/// Moves the whole pages inside `bytes` away, which takes microseconds, and lets a thread unmap them. Returns false, and
/// changes nothing, where the system cannot do that.
#[cfg(target_os = "linux")]
fn release_elsewhere(bytes: &mut [u8]) -> bool {
    use rustix::mm::MremapFlags;

    let pages = whole_pages(bytes);
    let Some(target) = Reserved::like(pages) else { return false };
    let flags = MremapFlags::MAYMOVE | MremapFlags::DONTUNMAP;
    // SAFETY: `pages` are page-aligned and borrowed exclusively. Of private anonymous memory, which is all that this system
    // call moves with these flags, the pages go to `target`, which nobody uses, and the old range stays mapped as it was
    // but with zero pages: every byte stays readable and initialised. On failure nothing has changed.
    let moved = unsafe {
        rustix::mm::mremap_fixed(
            pages.as_mut_ptr().cast(),
            pages.len(),
            pages.len(),
            flags,
            target.moved_to(),
        )
    };
    if let Err(error) = moved {
        tracing::debug!(%error, "the system does not move kernel memory away");
        return false;
    }
    unmap_elsewhere(target);
    true
}

/// Lets a thread drop `memory`, the same one each time. It is done here when there is no such thread, or when that has enough
/// to do: what waits there counts for no plug-in, so it must not become much.
#[cfg(target_os = "linux")]
fn unmap_elsewhere(memory: Reserved) {
    use std::sync::mpsc::{SyncSender, sync_channel};

    use crate::fork::PerProcess;

    static THREAD: PerProcess<Option<SyncSender<Reserved>>> = PerProcess::new();
    let thread = THREAD.get_or_init(|| {
        let (sender, receiver) = sync_channel(1);
        let thread = std::thread::Builder::new().name("plugwright-release".into());
        match thread.spawn(move || receiver.into_iter().for_each(drop)) {
            Ok(_) => Some(sender),
            Err(error) => {
                tracing::debug!(%error, "kernel memory is given back by the threads that call");
                None
            }
        }
    });
    match thread {
        // What cannot be sent comes back in the error, and is dropped with it.
        Some(thread) => drop(thread.try_send(memory)),
        None => drop(memory),
    }
}

/// Address space of our own, unmapped when dropped, with whatever was moved into it.
#[cfg(target_os = "linux")]
struct Reserved {
    start: usize,
    len: usize,
    /// Where in it pages are moved to.
    offset: usize,
}

#[cfg(target_os = "linux")]
impl Reserved {
    /// Room for `pages` at an address that lies like theirs within large pages, so that whole page tables can be moved.
    fn like(pages: &[u8]) -> Option<Self> {
        use rustix::mm::{MapFlags, ProtFlags};

        const LARGE: usize = 2 << 20;
        let len = pages.len().checked_add(LARGE)?;
        // SAFETY: a new mapping, wherever the system has room, overlaps nothing.
        let start = unsafe {
            rustix::mm::mmap_anonymous(
                std::ptr::null_mut(),
                len,
                ProtFlags::empty(),
                MapFlags::PRIVATE | MapFlags::NORESERVE,
            )
        };
        let start = start.ok()? as usize;
        let offset = (pages.as_ptr() as usize).wrapping_sub(start) % LARGE;
        Some(Self { start, len, offset })
    }

    fn moved_to(&self) -> *mut std::ffi::c_void {
        std::ptr::without_provenance_mut(self.start + self.offset)
    }
}

#[cfg(target_os = "linux")]
impl Drop for Reserved {
    fn drop(&mut self) {
        let start = std::ptr::without_provenance_mut(self.start);
        // SAFETY: the range is the whole of a mapping that `like` made and that nothing else refers to.
        if let Err(error) = unsafe { rustix::mm::munmap(start, self.len) } {
            tracing::debug!(%error, "cannot give kernel memory back");
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{RELEASED_AT_ONCE, release_elsewhere, release_pages};

    #[test]
    fn released_pages_can_be_used_again() {
        for len in [4096 * 3, RELEASED_AT_ONCE + 12_345, 64 << 20] {
            let mut bytes = vec![7u8; len];
            release_pages(&mut bytes);
            assert!(bytes.iter().all(|byte| matches!(byte, 0 | 7)));
            bytes.fill(9);
            assert!(bytes.iter().all(|byte| *byte == 9));
        }
    }

    #[test]
    fn large_ranges_are_moved_away() {
        let mut bytes = vec![7u8; 64 << 20];
        assert!(release_elsewhere(&mut bytes));
        let zeros = bytes.iter().filter(|byte| **byte == 0).count();
        assert!(zeros > bytes.len() - 8192, "{zeros}");
    }
}
