//! Where and how a plug-in panicked.

use std::cell::RefCell;
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use super::current;

thread_local! {
    static MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the messages of panics in plug-in code, from now on, instead of printing them. Other panics go where they went.
pub(super) fn watch() {
    static WATCHING: Once = Once::new();
    MESSAGE.set(None);
    // A hook cannot be set while this thread panics: then a destructor runs a plug-in, and nothing is reported of it.
    if std::thread::panicking() {
        return;
    }
    WATCHING.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if current::is_plugin_code() {
                MESSAGE.set(Some(describe(info)));
            } else {
                others(info);
            }
        }));
    });
}

/// The message of the plug-in's panic since the last [`watch`], if it panicked.
pub(super) fn take() -> Option<String> {
    MESSAGE.take()
}

/// One line with file and line, as the PDK reports a panic on a host.
fn describe(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    match info.location() {
        Some(location) => format!("panicked at {location}: {text}"),
        None => format!("panicked: {text}"),
    }
}
