//! Room for guest code on the stack of the thread that calls it.
//!
//! The engine ends a guest that uses more than [`GUEST`] bytes, counted from where it was entered, and does not ask whether the
//! thread has them. A thread that has not would end the whole process, at a guest's will.

use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::sys;

/// What guest code may use of a stack, in bytes.
pub(crate) const GUEST: usize = 512 << 10;

/// What is kept beside it for host functions, which run further down the same stack, in bytes. A Java thread's own guard zones lie
/// within it.
const HOST: usize = 128 << 10;

thread_local! {
    /// Where this thread's stack lies: asking the system takes microseconds.
    static THREAD: Option<Range<usize>> = sys::thread_stack();
}

/// Makes sure that guest code can be entered here.
///
/// On a stack that is not the thread's own, as that of a coroutine, nothing is known and nothing is refused. Nor is it where the system
/// does not tell.
///
/// # Errors
///
/// `Limit`, when the thread has not as much stack left as a guest may use.
pub(crate) fn check() -> crate::Result<()> {
    let here = 0u8;
    let here = std::ptr::from_ref(&here).addr();
    THREAD.with(|stack| match stack {
        Some(stack) if stack.contains(&here) && here - stack.start < GUEST + HOST => {
            Err(too_small(here - stack.start, stack.len()))
        }
        _ => Ok(()),
    })
}

#[cold]
fn too_small(left: usize, size: usize) -> Error {
    let (left, size, wanted) = (left >> 10, size >> 10, (GUEST + HOST) >> 10);
    let message = format!(
        "the calling thread has {left} KiB of its {size} KiB of stack left, and a plug-in may need {wanted} KiB: call it from a \
         thread with a larger stack"
    );
    Error::new(ErrorKind::Limit, message)
}

#[cfg(all(test, any(target_os = "linux", target_vendor = "apple")))]
mod tests {
    use super::check;
    use crate::ErrorKind;

    /// What the check says on a thread with a stack of this size, or up to four times as much: the system reuses stacks.
    fn on(stack: usize) -> crate::Result<()> {
        let thread = std::thread::Builder::new().stack_size(stack).spawn(check);
        thread.expect("a thread starts").join().expect("the check does not panic")
    }

    #[test]
    fn a_thread_with_enough_room_is_fit() {
        on(1 << 20).expect("1 MiB is enough");
        check().expect("the threads of tests have 2 MiB");
    }

    #[test]
    fn a_small_thread_is_refused_and_told_so() {
        let error = on(128 << 10).expect_err("too small");
        assert_eq!(error.kind(), &ErrorKind::Limit);
        let message = error.to_string();
        assert!(message.contains("640 KiB") && message.contains("stack"), "{message}");
    }
}
