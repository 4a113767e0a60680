//! What is in messages besides inputs and outputs.

use std::time::Duration;

use async_nats::HeaderMap;
use bytes::Bytes;
use plugwright::{Error, ErrorKind, ErrorReport};

/// How long the call may still take, in milliseconds.
pub(crate) const TIMEOUT: &str = "Plugwright-Timeout-Ms";

/// In a request: how often the caller wants to hear that the call is not forgotten, in milliseconds. In a reply: that it is not.
pub(crate) const HEARTBEAT: &str = "Plugwright-Heartbeat-Ms";

/// In a reply: nothing was run, and another worker may be tried; with the reason.
pub(crate) const NOT_BEGUN: &str = "Plugwright-Not-Begun";

/// Of the micro-services protocol: that a reply is an error, and which.
pub(crate) const ERROR_CODE: &str = "Nats-Service-Error-Code";

/// Of the micro-services protocol: an error for people.
pub(crate) const ERROR_TEXT: &str = "Nats-Service-Error";

/// Bytes of a message that headers may need, as the server counts them with the payload.
pub(crate) const HEADER_BYTES: usize = 1024;

/// The longest text in a header.
const MAX_TEXT: usize = 200;

/// The most frames of a backtrace that travel.
const MAX_FRAMES: usize = 64;

/// The longest message of an error that travels, in bytes.
const MAX_MESSAGE: usize = 64 << 10;

/// The most often that a caller hears of its call.
const MIN_HEARTBEAT: Duration = Duration::from_millis(50);

/// The longest time that travels, in milliseconds: ten digits, 115 days.
const MAX_MILLIS: u128 = 9_999_999_999;

/// What a caller asks for besides the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) timeout: Option<Duration>,
    pub(crate) heartbeat: Option<Duration>,
}

impl Terms {
    /// Of a request.
    ///
    /// # Errors
    ///
    /// `Decode` when a header is not what it should be.
    pub(crate) fn of(headers: Option<&HeaderMap>) -> Result<Self, Error> {
        let Some(headers) = headers else { return Ok(Self { timeout: None, heartbeat: None }) };
        let heartbeat = millis(headers, HEARTBEAT)?.map(|time| time.max(MIN_HEARTBEAT));
        Ok(Self { timeout: millis(headers, TIMEOUT)?, heartbeat })
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, time) in [(TIMEOUT, self.timeout), (HEARTBEAT, self.heartbeat)] {
            if let Some(time) = time {
                headers.insert(name, time.as_millis().min(MAX_MILLIS).to_string());
            }
        }
        headers
    }
}

/// A time of a header.
fn millis(headers: &HeaderMap, name: &str) -> Result<Option<Duration>, Error> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.as_str();
    let digits = (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(millis) if digits => Ok(Some(Duration::from_millis(millis))),
        _ => {
            let shown = crate::names::shortened(text);
            let message = format!(
                "the header `{name}` of the request is `{shown}`, not a number of milliseconds of up to ten digits"
            );
            Err(Error::decode(message))
        }
    }
}

/// A sign of life.
pub(crate) fn heartbeat(period: Duration) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HEARTBEAT, period.as_millis().to_string());
    headers
}

/// A refusal before anything ran.
pub(crate) fn not_begun(reason: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(NOT_BEGUN, header_text(reason));
    headers.insert(ERROR_CODE, "503");
    headers.insert(ERROR_TEXT, header_text(reason));
    headers
}

/// An error as headers and payload, of which the latter is at most so long.
pub(crate) fn error(mut report: ErrorReport, max_bytes: usize) -> (HeaderMap, Bytes) {
    let mut headers = HeaderMap::new();
    headers.insert(ERROR_CODE, code(&report.kind));
    headers.insert(ERROR_TEXT, header_text(&format!("{}: {}", report.kind, report.message)));
    report.backtrace.truncate(MAX_FRAMES);
    shorten(&mut report.message, MAX_MESSAGE);
    if let Some(said) = &mut report.said {
        shorten(said, MAX_MESSAGE);
    }
    // Maps with texts for keys always become JSON.
    let mut json = serde_json::to_vec(&report).unwrap_or_default();
    if json.len() > max_bytes {
        report.backtrace.clear();
        report.missing.clear();
        shorten(&mut report.message, max_bytes / 16);
        if let Some(said) = &mut report.said {
            shorten(said, max_bytes / 16);
        }
        json = serde_json::to_vec(&report).unwrap_or_default();
    }
    (headers, json.into())
}

/// The error that a reply brings.
pub(crate) fn parse_error(payload: &[u8]) -> Error {
    match serde_json::from_slice::<ErrorReport>(payload) {
        Ok(report) => report.into(),
        Err(_) => ErrorReport::new(
            &ErrorKind::Incompatible,
            "the worker's error is not one of Plugwright; check that nothing else serves this subject",
        )
        .into(),
    }
}

/// The number of an error for tools that know numbers only, as HTTP has them.
fn code(kind: &str) -> &'static str {
    match kind {
        "FunctionNotFound" => "404",
        "Timeout" | "OutOfFuel" => "504",
        "PoolTimeout" | "Unavailable" => "503",
        "Decode" | "Encode" => "400",
        _ => "500",
    }
}

/// A text that a header can hold.
fn header_text(text: &str) -> String {
    let printable = |c: char| if c.is_ascii() && !c.is_ascii_control() { c } else { '?' };
    text.chars().take(MAX_TEXT).map(printable).collect()
}

fn shorten(text: &mut String, max: usize) {
    if text.len() > max {
        let end = (0..=max).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value);
        headers
    }

    #[test]
    fn terms_travel() {
        let terms =
            Terms { timeout: Some(Duration::from_millis(1500)), heartbeat: Some(Duration::from_secs(1)) };
        assert_eq!(Terms::of(Some(&terms.headers())).unwrap(), terms);
        let endless = Terms { timeout: Some(Duration::MAX), heartbeat: None };
        assert!(
            Terms::of(Some(&endless.headers())).unwrap().timeout.unwrap() > Duration::from_secs(9_000_000)
        );
        assert_eq!(Terms::of(None).unwrap(), Terms { timeout: None, heartbeat: None });
    }

    #[test]
    fn wrong_times_are_refused_and_named() {
        let long = "9".repeat(100_000);
        for value in ["", "abc", "-1", "1.5", "1e3", "99999999999", " 1", long.as_str()] {
            let error = Terms::of(Some(&with(TIMEOUT, value))).unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Decode);
            assert!(error.message().contains(TIMEOUT) && error.message().len() < 300, "{error}");
        }
    }

    #[test]
    fn a_caller_cannot_ask_for_a_flood_of_heartbeats() {
        let terms = Terms::of(Some(&with(HEARTBEAT, "0"))).unwrap();
        assert_eq!(terms.heartbeat, Some(MIN_HEARTBEAT));
    }

    #[test]
    fn an_error_fits_however_long_its_texts_are() {
        let said = "ä".repeat(1 << 20);
        let report = ErrorReport::new(&ErrorKind::Guest { code: 7, message: said.clone() }, said);
        let (headers, payload) = error(report, 8 << 10);
        assert!(payload.len() <= 8 << 10, "{}", payload.len());
        assert!(headers.get(ERROR_TEXT).unwrap().as_str().len() <= MAX_TEXT);
        let error = parse_error(&payload);
        assert!(matches!(error.kind(), ErrorKind::Guest { code: 7, .. }), "{error}");
    }

    #[test]
    fn what_is_no_error_of_ours_is_an_error_all_the_same() {
        for payload in [&b""[..], b"{", b"\xff\xff", b"[1]"] {
            assert_eq!(parse_error(payload).kind(), &ErrorKind::Incompatible);
        }
    }
}
