//! A panic's message, with file and line, as the error of the call that it ends.

/// From now on, a panic sets the call's error before it ends the call.
///
/// `#[plugin_fn]` and `#[shared_fn]` call this; a hand-written export may. On the native target it does nothing: there, the
/// host of a test catches panics. Without the feature `std` it does nothing either: see the feature `panic-handler`.
pub fn report_panics() {
    #[cfg(all(feature = "std", target_family = "wasm"))]
    hook::set();
}

#[cfg(all(feature = "std", target_family = "wasm"))]
mod hook {
    use std::boxed::Box;
    use std::panic::PanicHookInfo;
    use std::string::String;
    use std::sync::Once;

    pub(super) fn set() {
        static SET: Once = Once::new();
        SET.call_once(|| std::panic::set_hook(Box::new(hook)));
    }

    fn hook(info: &PanicHookInfo<'_>) {
        let payload = info.payload();
        let text = match payload.downcast_ref::<&str>() {
            Some(text) => text,
            None => payload.downcast_ref().map_or("no message", String::as_str),
        };
        super::report(info.location(), &text);
    }
}

/// Makes a panic the call's error.
#[cfg(all(target_family = "wasm", any(feature = "std", feature = "panic-handler")))]
pub(crate) fn report(location: Option<&core::panic::Location<'_>>, text: &dyn core::fmt::Display) {
    let message = match location {
        Some(location) => alloc::format!("panicked at {location}: {text}"),
        None => alloc::format!("panicked: {text}"),
    };
    // Without memory for the message, the call ends all the same.
    let _ = crate::export::set_message(&message);
}
