//! The border between C and Rust: panics stop here, and what C passes is checked.

use std::any::Any;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use crate::error::{self, Failure};

/// Runs the body of an exported function. A panic becomes the thread's last error, and the function returns `otherwise`.
///
/// Every exported function does its work inside of this.
pub(crate) fn guard<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    // What a body leaves half done is behind a mutex of its own, and the runtime replaces an instance that was interrupted.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(panic) => {
            error::set_last(&panicked(panic));
            otherwise
        }
    }
}

/// Runs `body`; a panic becomes its failure.
pub(crate) fn catch<T>(body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(panicked(panic)))
}

#[cold]
fn panicked(panic: Box<dyn Any + Send>) -> Failure {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let failure = Failure::panic(text);
    // Dropping it could panic once more.
    std::mem::forget(panic);
    failure
}

/// The value that C passed the address of, `None` for null.
///
/// # Safety
///
/// `pointer` is null, or points to a `T` that stays, and that nobody writes to without a lock, for as long as `'a`.
pub(crate) unsafe fn reference<'a, T>(pointer: *const T) -> Option<&'a T> {
    // SAFETY: the caller promises just what `as_ref` asks for.
    unsafe { pointer.as_ref() }
}

/// A text that C passed: `what` names it in messages.
///
/// # Safety
///
/// `text` is null, or points to a string that ends with a zero byte and stays as it is for as long as `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char, what: &str) -> Result<&'a str, Failure> {
    if text.is_null() {
        return Err(Failure::argument(format!("{what} is null")));
    }
    // SAFETY: it is not null, and the caller promises the rest.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| Failure::argument(format!("{what} is not UTF-8")))
}

/// The elements of an array that C passed; a null array of length 0 has none. `what` names it in messages.
///
/// # Safety
///
/// `first` is null, or points to `len` values of type `T` that stay as they are for as long as `'a`.
pub(crate) unsafe fn array<'a, T>(first: *const T, len: u64, what: &str) -> Result<&'a [T], Failure> {
    if len == 0 {
        return Ok(&[]);
    }
    if first.is_null() {
        return Err(Failure::argument(format!("{what} is null, but its length is {len}")));
    }
    let too_long = || Failure::argument(format!("{what} cannot have the length {len}"));
    let len = usize::try_from(len).map_err(|_| too_long())?;
    let bytes = len.checked_mul(size_of::<T>()).ok_or_else(too_long)?;
    // Nothing in memory is longer, so that this is a mistake of the caller's.
    if isize::try_from(bytes).is_err() {
        return Err(too_long());
    }
    if !first.is_aligned() {
        return Err(Failure::argument(format!("{what} is not aligned as its type must be")));
    }
    // SAFETY: the pointer is not null and aligned, the length is not beyond `isize::MAX` bytes, and the caller promises the
    // rest.
    Ok(unsafe { slice::from_raw_parts(first, len) })
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::{array, catch, guard, text};
    use crate::error::{self, PlugwrightErrorKind};

    #[test]
    fn a_panic_becomes_the_last_error() {
        let result = guard(-1, || -> i32 { panic!("with {} words", 2) });
        assert_eq!(result, -1);
        assert_eq!(error::last_kind(), PlugwrightErrorKind::Panic);
    }

    #[test]
    fn a_panic_becomes_a_failure() {
        let failure = catch(|| -> Result<(), _> { panic!("words") }).unwrap_err();
        assert_eq!(failure.text().to_str().unwrap(), "the library panicked, which is a bug: words");
        assert_eq!(failure.code(), -1);
    }

    #[test]
    fn texts_are_checked() {
        // SAFETY: all three are null or end with a zero byte.
        unsafe {
            assert_eq!(text(c"abc".as_ptr(), "it").unwrap(), "abc");
            let failure = text(ptr::null(), "it").unwrap_err();
            assert_eq!(failure.text(), c"it is null");
            let failure = text(c"\xff".as_ptr(), "it").unwrap_err();
            assert_eq!(failure.text(), c"it is not UTF-8");
        }
    }

    #[test]
    fn arrays_are_checked() {
        let bytes = [1u8, 2, 3];
        // SAFETY: what is read lies in `bytes`; the rest is refused before it is read.
        unsafe {
            assert_eq!(array(bytes.as_ptr(), 3, "it").unwrap(), bytes);
            assert!(array(ptr::null::<u8>(), 0, "it").unwrap().is_empty());
            assert!(array(bytes.as_ptr(), 0, "it").unwrap().is_empty());
            let failure = array(ptr::null::<u8>(), 1, "it").unwrap_err();
            assert_eq!(failure.text(), c"it is null, but its length is 1");
            let failure = array(bytes.as_ptr(), u64::MAX, "it").unwrap_err();
            assert_eq!(failure.text(), c"it cannot have the length 18446744073709551615");
            array(bytes.as_ptr().cast::<u64>(), 1 << 62, "it").unwrap_err();
            let odd = bytes
                .as_ptr()
                .cast::<u16>()
                .wrapping_byte_add(usize::from(bytes.as_ptr().addr().is_multiple_of(2)));
            array(odd, 1, "it").unwrap_err();
        }
    }
}
