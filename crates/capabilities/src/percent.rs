//! What stands in URLs for characters that mean something there: `%40` for `@`.

/// A text of a URL, with what `%` stands for; none if that makes no text.
#[cfg(any(feature = "nats", feature = "mqtt", feature = "postgres"))]
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

/// A text as a part of a URL.
pub(crate) fn encoded(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    written
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::{decoded, encoded};

    #[test]
    fn a_text_survives_a_url() {
        for text in ["", "plain-._~", "a@b:c/d?e%f&g", "naïve 👋"] {
            assert_eq!(decoded(&encoded(text)).as_deref(), Some(text));
        }
        assert_eq!(encoded("a:b@c"), "a%3Ab%40c");
        for bad in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decoded(bad), None, "`{bad}`");
        }
    }
}
