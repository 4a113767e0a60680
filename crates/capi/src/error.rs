//! What went wrong: a number, a text, and where in the guest.

use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use runtime::ErrorKind;

use crate::boundary::guard;

/// What a call returns when the host failed, not the guest.
const HOST: i32 = -1;

/// What a call returns when the guest was ended in the middle: it trapped, or its time was up, or it was cancelled.
const ENDED: i32 = 134;

/// What went wrong, for programs. The numbers stay the same in later versions, which may add some.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlugwrightErrorKind {
    /// Nothing went wrong.
    None = 0,
    /// The manifest is not valid: an unknown field, a wrong type, a value out of range.
    InvalidManifest = 1,
    /// The plug-in's code could not be read: a missing file, an unreachable URL, too many bytes.
    Load = 2,
    /// The code does not have the SHA-256 that the manifest gives.
    HashMismatch = 3,
    /// The code is not valid WebAssembly, or uses a feature that is not supported.
    Compile = 4,
    /// Imports of the plug-in that nothing satisfies. No guest code has run.
    Link = 5,
    /// The plug-in exports no function of this name.
    FunctionNotFound = 6,
    /// A function exists but its type is not the one that is needed.
    Signature = 7,
    /// The plug-in's function returned a code other than 0.
    Guest = 8,
    /// The plug-in did something that WebAssembly forbids. Its next call gets a fresh instance.
    Trap = 9,
    /// The plug-in broke the contract, for example by an output that lies outside its memory.
    Contract = 10,
    /// The call did not end before its deadline.
    Timeout = 11,
    /// The call was cancelled.
    Cancelled = 12,
    /// The call used up its fuel.
    OutOfFuel = 13,
    /// The plug-in needs more memory than it may have.
    OutOfMemory = 14,
    /// The plug-in left by `proc_exit` with a code other than 0.
    Exit = 15,
    /// A limit other than time, fuel and memory was reached; the message names it.
    Limit = 16,
    /// A host function failed.
    HostFunction = 17,
    /// An HTTP request of the plug-in was refused or failed.
    Http = 18,
    /// A value could not be turned into bytes.
    Encode = 19,
    /// Bytes could not be turned into the value asked for.
    Decode = 20,
    /// No instance of a pool became free in time.
    PoolTimeout = 21,
    /// The compiled code is not from this version and configuration of the library.
    Incompatible = 22,
    /// A snapshot of the plug-in cannot be made.
    Snapshot = 23,
    /// Whoever runs the plug-in elsewhere could not be reached, or took no call. Nothing has run.
    Unavailable = 24,
    /// Whoever ran the call elsewhere is gone, or the connection to it. The call may have run.
    Lost = 25,
    /// An argument of a function of this library is not valid: null, not UTF-8, out of range.
    InvalidArgument = 100,
    /// A host function used the plug-in that was calling it.
    Reentered = 101,
    /// The library has a bug.
    Panic = 102,
    /// Something that this list does not have.
    Other = 255,
}

/// The kinds that the runtime has, by their names there.
const KINDS: &[(&str, PlugwrightErrorKind)] = &[
    ("InvalidManifest", PlugwrightErrorKind::InvalidManifest),
    ("Load", PlugwrightErrorKind::Load),
    ("HashMismatch", PlugwrightErrorKind::HashMismatch),
    ("Compile", PlugwrightErrorKind::Compile),
    ("Link", PlugwrightErrorKind::Link),
    ("FunctionNotFound", PlugwrightErrorKind::FunctionNotFound),
    ("Signature", PlugwrightErrorKind::Signature),
    ("Guest", PlugwrightErrorKind::Guest),
    ("Trap", PlugwrightErrorKind::Trap),
    ("Contract", PlugwrightErrorKind::Contract),
    ("Timeout", PlugwrightErrorKind::Timeout),
    ("Cancelled", PlugwrightErrorKind::Cancelled),
    ("OutOfFuel", PlugwrightErrorKind::OutOfFuel),
    ("OutOfMemory", PlugwrightErrorKind::OutOfMemory),
    ("Exit", PlugwrightErrorKind::Exit),
    ("Limit", PlugwrightErrorKind::Limit),
    ("HostFunction", PlugwrightErrorKind::HostFunction),
    ("Http", PlugwrightErrorKind::Http),
    ("Encode", PlugwrightErrorKind::Encode),
    ("Decode", PlugwrightErrorKind::Decode),
    ("PoolTimeout", PlugwrightErrorKind::PoolTimeout),
    ("Incompatible", PlugwrightErrorKind::Incompatible),
    ("Snapshot", PlugwrightErrorKind::Snapshot),
    ("Unavailable", PlugwrightErrorKind::Unavailable),
    ("Lost", PlugwrightErrorKind::Lost),
];

/// An error as C gets it.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    code: i32,
    kind: PlugwrightErrorKind,
    text: CString,
    backtrace: Option<CString>,
}

impl Failure {
    fn new(kind: PlugwrightErrorKind, text: &str) -> Self {
        Self { code: HOST, kind, text: c_string(text), backtrace: None }
    }

    /// An argument that is not valid.
    #[cold]
    pub(crate) fn argument(text: impl AsRef<str>) -> Self {
        Self::new(PlugwrightErrorKind::InvalidArgument, text.as_ref())
    }

    /// A use of a plug-in from inside of its own call.
    #[cold]
    pub(crate) fn reentered() -> Self {
        let text =
            "the plug-in is in a call of this thread's: a host function cannot use the plug-in that calls it";
        Self::new(PlugwrightErrorKind::Reentered, text)
    }

    pub(crate) fn panic(text: &str) -> Self {
        Self::new(PlugwrightErrorKind::Panic, &format!("the library panicked, which is a bug: {text}"))
    }

    /// What `extism_plugin_call` returns.
    pub(crate) fn code(&self) -> i32 {
        self.code
    }

    #[cfg(test)]
    pub(crate) fn text(&self) -> &CString {
        &self.text
    }
}

impl From<runtime::Error> for Failure {
    #[cold]
    fn from(error: runtime::Error) -> Self {
        let code = match error.kind() {
            // Not the 0 of a plug-in that exits while it starts up: its function has not run, which is no success.
            ErrorKind::Guest { code, .. } | ErrorKind::Exit(code) if *code != 0 => *code,
            ErrorKind::Trap(_) | ErrorKind::Timeout | ErrorKind::Cancelled => ENDED,
            _ => HOST,
        };
        let name = error.kind().name();
        let kind = KINDS.iter().find(|(known, _)| *known == name);
        let text = match error.kind() {
            // Just what the guest said, which may be meant for programs.
            ErrorKind::Guest { message, .. } if !message.is_empty() => c_string(message),
            _ => c_string(&error.to_string()),
        };
        Self {
            code,
            kind: kind.map_or(PlugwrightErrorKind::Other, |(_, kind)| *kind),
            text,
            backtrace: error.backtrace().map(|backtrace| c_string(&backtrace.to_string())),
        }
    }
}

impl From<runtime::manifest::Error> for Failure {
    fn from(error: runtime::manifest::Error) -> Self {
        runtime::Error::from(error).into()
    }
}

/// The text, with what would end it in C replaced.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

/// The last error of a plug-in.
///
/// What has been cleared is not shown any more, but stays in memory until the next one comes: its text may have been given away.
#[derive(Default)]
pub(crate) struct LastFailure {
    /// Whether there is one: what a call that succeeds has to look at.
    is_set: AtomicBool,
    failure: Mutex<Option<Failure>>,
}

impl LastFailure {
    #[inline]
    pub(crate) fn clear(&self) {
        // Who clears it has set it, or has entered the plug-in after whoever has. Most calls have nothing to write.
        if self.is_set.load(Ordering::Relaxed) {
            self.is_set.store(false, Ordering::Relaxed);
        }
    }

    #[cold]
    pub(crate) fn set(&self, failure: Failure) {
        set_last(&failure);
        *self.lock() = Some(failure);
        self.is_set.store(true, Ordering::Relaxed);
    }

    /// The error's text. It stays where it is until the next `set`.
    pub(crate) fn text(&self) -> *const c_char {
        self.shown(ptr::null(), |failure| failure.text.as_ptr())
    }

    pub(crate) fn kind(&self) -> PlugwrightErrorKind {
        self.shown(PlugwrightErrorKind::None, |failure| failure.kind)
    }

    /// Where in the guest it happened, as long as [`text`](Self::text).
    pub(crate) fn backtrace(&self) -> *const c_char {
        self.shown(ptr::null(), |failure| {
            failure.backtrace.as_ref().map_or(ptr::null(), |backtrace| backtrace.as_ptr())
        })
    }

    fn shown<T>(&self, otherwise: T, show: impl FnOnce(&Failure) -> T) -> T {
        let failure = self.lock();
        if self.is_set.load(Ordering::Relaxed) { failure.as_ref().map_or(otherwise, show) } else { otherwise }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Failure>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

thread_local! {
    static LAST: RefCell<Option<Failure>> = const { RefCell::new(None) };
}

/// Remembers the error as this thread's last one.
#[cold]
pub(crate) fn set_last(failure: &Failure) {
    // A thread that is ending has no last error any more.
    let _ended = LAST.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = Some(failure.clone());
        }
    });
}

/// The kind of this thread's last error.
pub(crate) fn last_kind() -> PlugwrightErrorKind {
    let kind = LAST.try_with(|last| last.try_borrow().ok()?.as_ref().map(|failure| failure.kind));
    kind.ok().flatten().unwrap_or(PlugwrightErrorKind::None)
}

/// What `make` makes, moved to the heap. If it fails, null and a message for `errmsg`.
///
/// # Safety
///
/// `errmsg` is null or may be written to.
pub(crate) unsafe fn or_message<T>(
    errmsg: *mut *mut c_char,
    make: impl FnOnce() -> Result<T, Failure>,
) -> *mut T {
    let (made, message) = match crate::boundary::catch(make) {
        Ok(made) => (Box::into_raw(Box::new(made)), ptr::null_mut()),
        Err(failure) => {
            set_last(&failure);
            let message = if errmsg.is_null() { ptr::null_mut() } else { failure.text.into_raw() };
            (ptr::null_mut(), message)
        }
    };
    if !errmsg.is_null() {
        // SAFETY: it is not null, so it may be written to.
        unsafe { errmsg.write(message) };
    }
    made
}

/// Whether it succeeded; if not, the error is the thread's last one.
pub(crate) fn succeeds(result: Result<(), Failure>) -> bool {
    if let Err(failure) = &result {
        set_last(failure);
    }
    result.is_ok()
}

/// Frees a message that a function wrote to its `errmsg`.
///
/// Nothing happens for null. A message is freed once, and is not made longer or shorter before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_new_error_free(err: *mut c_char) {
    guard((), || {
        if !err.is_null() {
            // SAFETY: the caller got it from `or_message`, and nobody has freed it.
            drop(unsafe { CString::from_raw(err) });
        }
    });
}

/// The kind of this thread's last error: of any function of this library that failed on this thread.
///
/// It is not reset by what succeeds, so look at it only after a failure.
#[unsafe(no_mangle)]
pub extern "C" fn plugwright_last_error_kind() -> PlugwrightErrorKind {
    guard(PlugwrightErrorKind::Panic, last_kind)
}

/// The text of this thread's last error, or null if there has been none.
///
/// It is valid until the next failure on this thread.
#[unsafe(no_mangle)]
pub extern "C" fn plugwright_last_error() -> *const c_char {
    guard(ptr::null(), || {
        let text =
            LAST.try_with(|last| last.try_borrow().ok()?.as_ref().map(|failure| failure.text.as_ptr()));
        text.ok().flatten().unwrap_or(ptr::null())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::ffi::CStr;

    use super::{Failure, KINDS, LastFailure, PlugwrightErrorKind, c_string};

    /// The names in the `match` of the runtime's `ErrorKind::name`.
    fn names_of_the_runtime() -> BTreeSet<String> {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/src/error/kind.rs");
        let source = std::fs::read_to_string(source).unwrap();
        let (_, body) = source.split_once("fn name(&self)").unwrap();
        let (body, _) = body.split_once("/// An import").unwrap();
        body.split("=> \"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
    }

    #[test]
    fn every_kind_of_the_runtime_has_a_number() {
        let ours: BTreeSet<String> = KINDS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(ours, names_of_the_runtime());
        assert!(ours.len() > 20, "{ours:?}");
    }

    #[test]
    fn names_are_those_of_the_header() {
        for (index, (name, kind)) in KINDS.iter().enumerate() {
            assert_eq!(format!("{kind:?}"), *name);
            assert_eq!(*kind as usize, index + 1, "{name}: a number is given once and for ever");
        }
    }

    #[test]
    fn a_zero_byte_does_not_end_a_text() {
        assert_eq!(c_string("a\0b").to_str().unwrap(), "a\u{fffd}b");
    }

    #[test]
    fn the_last_failure_is_kept_until_it_is_cleared() {
        let last = LastFailure::default();
        assert!(last.text().is_null());
        last.set(Failure::argument("first"));
        last.set(Failure::argument("second"));
        let text = last.text();
        // SAFETY: the text is there until `set`.
        assert_eq!(unsafe { CStr::from_ptr(text) }, c"second");
        assert_eq!(last.kind(), PlugwrightErrorKind::InvalidArgument);
        assert!(last.backtrace().is_null());
        last.clear();
        assert!(last.text().is_null());
        assert_eq!(last.kind(), PlugwrightErrorKind::None);
        // SAFETY: as above.
        assert_eq!(unsafe { CStr::from_ptr(text) }, c"second");
    }
}
