//! Headers of messages.

use std::collections::BTreeMap;

use crate::{Code, Failure};

/// The most headers of a message.
const MAX_COUNT: usize = 32;
/// The most bytes of all names and values together.
const MAX_BYTES: usize = 8 << 10;

/// By this header a stream of JetStream knows a message that it has already.
pub(super) const MESSAGE_ID: &str = "Nats-Msg-Id";

/// How much of what an answer says about an error is passed on, in characters.
const MAX_ERROR_CHARS: usize = 1024;
/// How much of an error's code is passed on, in characters.
const MAX_CODE_CHARS: usize = 16;

/// The headers of a message by name.
pub type Headers = BTreeMap<String, String>;

/// Reads the headers that a plug-in wrote: a JSON object of texts, or nothing.
///
/// # Errors
///
/// `Invalid` when they are not headers, or could be taken for something else by a broker.
pub(super) fn read(json: &[u8]) -> Result<Headers, Failure> {
    if json.is_empty() {
        return Ok(Headers::new());
    }
    // More cannot be valid, whatever is escaped.
    if json.len() > MAX_BYTES * 8 {
        return Err(too_much());
    }
    let headers: Headers = serde_json::from_slice(json).map_err(|error| {
        Failure::invalid(format!("headers are a JSON object whose values are texts: {error}"))
    })?;
    if headers.len() > MAX_COUNT
        || headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_BYTES
    {
        return Err(too_much());
    }
    for (name, value) in &headers {
        check(name, value)?;
    }
    Ok(headers)
}

/// The failure that the headers of an answer tell of: those of NATS services, such as workers, and of triggers. `header` finds one.
pub(super) fn failure<'a>(header: impl Fn(&'static str) -> Option<&'a str>) -> Option<Failure> {
    let code = header("Nats-Service-Error-Code");
    let text = header("Plugwright-Error").or_else(|| header("Nats-Service-Error"));
    if code.is_none() && text.is_none() {
        return None;
    }
    let text: String = text.unwrap_or_default().chars().take(MAX_ERROR_CHARS).collect();
    let code = code.map(|code| format!(" (code {})", code.chars().take(MAX_CODE_CHARS).collect::<String>()));
    let message = format!("whoever answered failed{}: {text}", code.unwrap_or_default());
    Some(Failure::new(Code::Internal, message.trim_end_matches([':', ' '])))
}

fn check(name: &str, value: &str) -> Result<(), Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(plain) {
        let message = format!(
            "`{}` is not a header's name: use letters, digits, `-`, `_` and `.`",
            name.escape_debug()
        );
        return Err(Failure::invalid(message));
    }
    // JetStream takes orders by headers, such as the one to delete all that came before.
    if name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("nats-")) && name != MESSAGE_ID {
        let message =
            format!("`{name}`: of the names that begin with `Nats-` only `{MESSAGE_ID}` may be used");
        return Err(Failure::invalid(message));
    }
    if value.contains(|letter: char| letter.is_control()) || value.trim() != value {
        let message = format!("the value of the header `{name}` has control characters, or spaces around it");
        return Err(Failure::invalid(message));
    }
    Ok(())
}

fn too_much() -> Failure {
    Failure::invalid(format!("a message has at most {MAX_COUNT} headers of {MAX_BYTES} bytes together"))
}

#[cfg(test)]
mod tests {
    use super::{failure, read};
    use crate::Code;

    #[test]
    fn an_answer_s_headers_tell_of_errors() {
        let told = |headers: &[(&str, &'static str)]| {
            let found = failure(|name| headers.iter().find(|header| header.0 == name).map(|header| header.1));
            found.map(|failure| (failure.code, failure.message))
        };
        let internal = |message: &str| Some((Code::Internal, message.to_owned()));
        assert_eq!(told(&[("Trace", "x")]), None);
        assert_eq!(told(&[("Plugwright-Error", "no stock")]), internal("whoever answered failed: no stock"));
        let service = [("Nats-Service-Error-Code", "404"), ("Nats-Service-Error", "no such order")];
        assert_eq!(told(&service), internal("whoever answered failed (code 404): no such order"));
        assert_eq!(told(&service[..1]), internal("whoever answered failed (code 404)"));
        assert_eq!(told(&[("Nats-Service-Error", "")]), internal("whoever answered failed"));
    }

    #[test]
    fn headers_are_texts_that_no_broker_takes_for_something_else() {
        assert!(read(b"").expect("none").is_empty());
        let headers = read(br#"{"Trace-Id":"1","Nats-Msg-Id":"2","x":""}"#).expect("headers");
        assert_eq!(headers["Trace-Id"], "1");
        let many = format!("{{{}}}", (0..33).map(|n| format!("\"h{n}\":\"\"")).collect::<Vec<_>>().join(","));
        let long = format!("{{\"h\":\"{}\"}}", "x".repeat(9000));
        for bad in [
            "[]",
            "{\"a\":1}",
            "{",
            "{\"\":\"\"}",
            "{\"a b\":\"\"}",
            "{\"a:b\":\"\"}",
            "{\"a\":\"b\\r\\nc\"}",
            "{\"a\":\" b\"}",
            "{\"Nats-Rollup\":\"all\"}",
            "{\"nats-rollup\":\"all\"}",
            &many,
            &long,
        ] {
            assert!(read(bad.as_bytes()).is_err(), "`{bad}` was taken");
        }
    }
}
