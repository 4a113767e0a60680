//! Subjects, as plug-ins write them: below the grant's namespace, and without wildcards.

use crate::{Code, Failure, Namespace};

/// The most bytes of a subject, its namespace not counted.
const MAX_LEN: usize = 255;

/// The whole subject of one that a plug-in wrote.
///
/// A plug-in writes tokens with dots between them. A token has letters, digits and what else is neither space, control character
/// nor one of `*`, `>`, `+`, `#`, `$`, `/`: nothing that means something to a broker. So the same subject will do for NATS and MQTT.
///
/// # Errors
///
/// `Invalid` when it is not one; `Forbidden` when the namespace is one of Plugwright's own.
pub(super) fn within(namespace: &Namespace, subject: &str) -> Result<String, Failure> {
    if subject.is_empty() || subject.len() > MAX_LEN {
        let message = format!("a subject has 1 to {MAX_LEN} bytes, and this one {}", subject.len());
        return Err(Failure::invalid(message));
    }
    if subject.split('.').any(|token| token.is_empty() || token.contains(is_special)) {
        let shown = subject.escape_debug();
        let message = format!(
            "`{shown}` is not a subject: write words with single dots between them, without spaces, wildcards, `/` and `$`"
        );
        return Err(Failure::invalid(message));
    }
    namespace.check_for_messages().map_err(|message| Failure::new(Code::Forbidden, message))?;
    Ok(format!("{}.{subject}", namespace.as_str()))
}

fn is_special(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || "*>+#$/".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::within;
    use crate::Namespace;

    #[test]
    fn subjects_stay_in_their_namespace() {
        let namespace: Namespace = "shop".parse().expect("a name");
        assert_eq!(within(&namespace, "orders.new-1").expect("a subject"), "shop.orders.new-1");
        assert_eq!(within(&namespace, "grüße").expect("a subject"), "shop.grüße");
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a b",
            "*",
            "a.*",
            "a.>",
            ">",
            "+",
            "a/b",
            "a/+/b",
            "#",
            "$JS.API",
            "$SYS",
            "a\r\nPUB b 0",
            "a\0b",
            "a\u{a0}b",
            "a\tb",
            &"x".repeat(256),
        ] {
            assert!(within(&namespace, bad).is_err(), "`{bad}` was taken");
        }
    }
}
