//! A message, as functions and dead letters see it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;

use crate::config::View;
use crate::target::CallFailed;

/// The headers of a dead letter that are not those of its message.
const OURS: [&str; 5] = [
    "Plugwright-Trigger",
    "Plugwright-Subject",
    "Plugwright-Attempts",
    "Plugwright-Error-Kind",
    ERROR_HEADER,
];

/// The header of a dead letter, and of an answer, that says why the call failed.
pub(crate) const ERROR_HEADER: &str = "Plugwright-Error";

/// What a header takes besides its name and value, in NATS and in MQTT.
const HEADER_OVERHEAD: usize = 5;

/// What happened.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Subject, topic, or the id of an entry.
    pub(crate) subject: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) payload: Bytes,
}

#[derive(Serialize)]
struct Described<'a> {
    trigger: &'a str,
    subject: &'a str,
    headers: &'a BTreeMap<String, String>,
    attempt: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_base64: Option<String>,
}

impl Message {
    /// What the function gets.
    pub(crate) fn input(&self, view: View, trigger: &str, attempt: u64) -> Bytes {
        match view {
            View::Payload => self.payload.clone(),
            View::Message => {
                let payload = std::str::from_utf8(&self.payload).ok();
                let payload_base64 = payload.is_none().then(|| STANDARD.encode(&self.payload));
                let described = Described {
                    trigger,
                    subject: &self.subject,
                    headers: &self.headers,
                    attempt,
                    payload,
                    payload_base64,
                };
                // Texts and maps of texts always become JSON.
                Bytes::from(serde_json::to_vec(&described).unwrap_or_default())
            }
        }
    }

    /// The headers of a dead letter: those of the message, and what became of it.
    pub(crate) fn obituary(
        &self,
        trigger: &str,
        attempts: u64,
        failed: &CallFailed,
    ) -> BTreeMap<String, String> {
        let mut headers = self.headers.clone();
        // Ids and orders to the server were meant for the first time that it was stored.
        headers.retain(|name, _| !name.to_ascii_lowercase().starts_with("nats-"));
        let values = [
            trigger.to_owned(),
            one_line(&self.subject),
            attempts.to_string(),
            one_line(&failed.kind),
            one_line(&failed.message),
        ];
        headers.extend(OURS.map(str::to_owned).into_iter().zip(values));
        headers
    }

    /// As much of the [headers of a dead letter](Self::obituary) as fits into so many bytes, and whether that is all: first those of
    /// the message are left out, then ours too. What could arrive can be kept without them.
    pub(crate) fn fitting_obituary(
        &self,
        trigger: &str,
        attempts: u64,
        failed: &CallFailed,
        room: usize,
    ) -> (BTreeMap<String, String>, bool) {
        let all = self.obituary(trigger, attempts, failed);
        if header_bytes(&all) <= room {
            return (all, true);
        }
        let ours: BTreeMap<String, String> =
            all.into_iter().filter(|(name, _)| OURS.contains(&name.as_str())).collect();
        if header_bytes(&ours) <= room { (ours, false) } else { (BTreeMap::new(), false) }
    }
}

/// About the most bytes that headers take in a message.
fn header_bytes(headers: &BTreeMap<String, String>) -> usize {
    headers.iter().map(|(name, value)| name.len() + value.len() + HEADER_OVERHEAD).sum()
}

/// A text that fits into a header: one line of 1024 bytes at most.
pub(crate) fn one_line(text: &str) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.len() > 1024 {
        let end = (0..=1021).rev().find(|end| line.is_char_boundary(*end)).unwrap_or_default();
        line.truncate(end);
        line.push('…');
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;

    use super::{Message, one_line};
    use crate::config::View;
    use crate::target::CallFailed;

    #[test]
    fn functions_see_payloads_or_whole_messages() {
        let mut message = Message {
            subject: "a.b".to_owned(),
            headers: BTreeMap::new(),
            payload: Bytes::from_static(b"x"),
        };
        assert_eq!(message.input(View::Payload, "t", 1), "x");
        let whole = r#"{"trigger":"t","subject":"a.b","headers":{},"attempt":2,"payload":"x"}"#;
        assert_eq!(message.input(View::Message, "t", 2), whole);
        message.payload = Bytes::from_static(&[0xff]);
        let whole = r#"{"trigger":"t","subject":"a.b","headers":{},"attempt":1,"payload_base64":"/w=="}"#;
        assert_eq!(message.input(View::Message, "t", 1), whole);
    }

    #[test]
    fn dead_letters_say_why_in_one_line() {
        let headers =
            BTreeMap::from([("Nats-Msg-Id".to_owned(), "1".to_owned()), ("A".to_owned(), "b".to_owned())]);
        let message = Message { subject: "a".to_owned(), headers, payload: Bytes::new() };
        let failed = CallFailed {
            kind: "guest".to_owned(),
            message: "no\r\nNats-Rollup: all".to_owned(),
            called: true,
        };
        let headers = message.obituary("t", 5, &failed);
        assert_eq!(headers["Plugwright-Error"], "no  Nats-Rollup: all");
        assert_eq!((&*headers["A"], headers.contains_key("Nats-Msg-Id")), ("b", false));
        assert!(one_line(&"ä".repeat(2000)).len() <= 1024);
    }

    #[test]
    fn dead_letters_have_the_headers_that_fit() {
        let headers = BTreeMap::from([("Large".to_owned(), "x".repeat(5000))]);
        let message = Message { subject: "a".to_owned(), headers, payload: Bytes::new() };
        let failed = CallFailed { kind: "guest".to_owned(), message: "no".to_owned(), called: true };
        let fitting = |room| {
            let (headers, complete) = message.fitting_obituary("t", 5, &failed, room);
            (headers.len(), complete)
        };
        assert_eq!([10_000, 5000, 20].map(fitting), [(6, true), (5, false), (0, false)]);
    }
}
