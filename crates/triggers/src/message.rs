//! A message, as functions and dead letters see it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;

use crate::config::View;
use crate::target::CallFailed;

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
        let mut set = |name: &str, value: String| headers.insert(name.to_owned(), value);
        set("Plugwright-Trigger", trigger.to_owned());
        set("Plugwright-Subject", one_line(&self.subject));
        set("Plugwright-Attempts", attempts.to_string());
        set("Plugwright-Error-Kind", one_line(&failed.kind));
        set("Plugwright-Error", one_line(&failed.message));
        headers
    }
}

/// A text that fits into a header: one line of 1024 bytes at most.
fn one_line(text: &str) -> String {
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
        let failed = CallFailed { kind: "guest".to_owned(), message: "no\r\nNats-Rollup: all".to_owned() };
        let headers = message.obituary("t", 5, &failed);
        assert_eq!(headers["Plugwright-Error"], "no  Nats-Rollup: all");
        assert_eq!((&*headers["A"], headers.contains_key("Nats-Msg-Id")), ("b", false));
        assert!(one_line(&"ä".repeat(2000)).len() <= 1024);
    }
}
