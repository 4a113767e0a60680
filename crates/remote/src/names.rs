//! Names as parts of subjects.

use crate::error::RemoteError;

/// What the subjects of all calls begin with.
const CALLS: &str = "plugwright";

/// What the subjects of all cancellations begin with.
const CANCELLATIONS: &str = "plugwright-cancel";

/// What the subjects begin with at which workers have outputs in parts.
const PARTS: &str = "plugwright-part";

/// The longest name, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Whether this can be one token of a subject, and a name of the micro-services protocol.
pub(crate) fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(is_plain)
}

/// Checks the name of a plug-in.
///
/// # Errors
///
/// When it cannot be part of a subject.
pub(crate) fn plugin(name: &str) -> Result<&str, RemoteError> {
    if is_name(name) { Ok(name) } else { Err(RemoteError::Name { what: "plug-in", name: shortened(name) }) }
}

/// What calls of the function are sent to.
pub(crate) fn function_subject(plugin: &str, function: &str) -> String {
    format!("{CALLS}.{plugin}.{function}")
}

/// What a worker of the plug-in listens to.
pub(crate) fn all_functions(plugin: &str) -> String {
    format!("{CALLS}.{plugin}.*")
}

/// The function that a subject names.
pub(crate) fn function_of(subject: &str) -> &str {
    subject.rsplit('.').next().unwrap_or_default()
}

/// What cancellations of the plug-in's calls are sent to.
pub(crate) fn cancel_subject(plugin: &str) -> String {
    format!("{CANCELLATIONS}.{plugin}")
}

/// Where one worker of the plug-in has its outputs in parts.
pub(crate) fn parts_subject(plugin: &str, worker: &str) -> String {
    format!("{PARTS}.{plugin}.{worker}")
}

/// Whether a worker of the plug-in may have an output in parts there: a caller asks there and nowhere else.
pub(crate) fn has_parts(plugin: &str, subject: &str) -> bool {
    let tokens: Vec<&str> = subject.split('.').collect();
    matches!(tokens[..], [PARTS, name, worker, number] if name == plugin && is_name(worker) && is_name(number))
}

/// Whether a worker may send something there because a caller says so. It may publish what callers may not, such as orders to
/// JetStream and calls of other plug-ins.
pub(crate) fn is_reply(subject: &str) -> bool {
    let first = subject.split('.').next().unwrap_or_default();
    !first.starts_with('$') && first != CALLS && first != CANCELLATIONS && first != PARTS
}

/// A name for a message, which must not grow with what somebody sends.
pub(crate) fn shortened(name: &str) -> String {
    let mut short: String = name.chars().take(MAX_NAME_BYTES).flat_map(char::escape_debug).collect();
    if name.chars().nth(MAX_NAME_BYTES).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_token() {
        for name in ["a", "say_hello", "rust-hello", "A9", &"x".repeat(64)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a.b", "*", ">", "a b", "ä", "a\r\n", "$SRV", &"x".repeat(65)] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn messages_stay_short() {
        let error = plugin(&"*".repeat(100_000)).unwrap_err().to_string();
        assert!(error.len() < 300, "{error}");
    }

    #[test]
    fn replies_go_to_inboxes() {
        for subject in ["_INBOX.x.1", "answers"] {
            assert!(is_reply(subject), "{subject}");
        }
        for subject in
            ["$JS.API.STREAM.DELETE.X", "$KV.plugwright-plugins.p", "plugwright.p.f", "plugwright-cancel.p"]
        {
            assert!(!is_reply(subject), "{subject}");
        }
    }

    #[test]
    fn parts_are_where_a_worker_of_the_plugin_has_them() {
        let subject = format!("{}.7", parts_subject("p", "aB9"));
        assert!(has_parts("p", &subject) && !has_parts("q", &subject));
        for subject in
            ["$JS.API.STREAM.DELETE.X", "plugwright-part.p.*.>", "plugwright-part.p.a", "plugwright.p.a.b"]
        {
            assert!(!has_parts("p", subject), "{subject}");
        }
    }

    #[test]
    fn subjects_name_functions() {
        assert_eq!(function_of(&function_subject("p", "f")), "f");
    }
}
