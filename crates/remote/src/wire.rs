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

/// In a request without a body: the bytes of the input, which is to be asked for in parts where replies go.
pub(crate) const INPUT_BYTES: &str = "Plugwright-Input-Bytes";

/// In a request: an output of up to so many bytes may be in parts.
pub(crate) const TAKES: &str = "Plugwright-Takes-Bytes";

/// In a reply: the bytes of the output, which is in parts.
pub(crate) const OUTPUT_BYTES: &str = "Plugwright-Output-Bytes";

/// In a reply: where its parts are to be asked for.
pub(crate) const OUTPUT_AT: &str = "Plugwright-Output-At";

/// In a request for a part: where it begins.
pub(crate) const PART: &str = "Plugwright-Part";

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

/// The largest number that travels: ten digits, in milliseconds 115 days.
pub(crate) const MAX_NUMBER: u64 = 9_999_999_999;

/// What a caller asks for besides the function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) timeout: Option<Duration>,
    pub(crate) heartbeat: Option<Duration>,
    /// The bytes of an input in parts.
    pub(crate) input_bytes: Option<usize>,
    /// The most bytes of an output in parts.
    pub(crate) takes: Option<usize>,
}

impl Terms {
    /// Of a request.
    ///
    /// # Errors
    ///
    /// `Decode` when a header is not what it should be.
    pub(crate) fn of(headers: Option<&HeaderMap>) -> Result<Self, Error> {
        let Some(headers) = headers else { return Ok(Self::default()) };
        let heartbeat = millis(headers, HEARTBEAT)?.map(|time| time.max(MIN_HEARTBEAT));
        Ok(Self {
            timeout: millis(headers, TIMEOUT)?,
            heartbeat,
            input_bytes: bytes(headers, INPUT_BYTES)?,
            takes: bytes(headers, TAKES)?,
        })
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, time) in [(TIMEOUT, self.timeout), (HEARTBEAT, self.heartbeat)] {
            if let Some(time) = time {
                headers.insert(name, time.as_millis().min(MAX_NUMBER.into()).to_string());
            }
        }
        for (name, bytes) in [(INPUT_BYTES, self.input_bytes), (TAKES, self.takes)] {
            if let Some(bytes) = bytes {
                headers.insert(name, bytes.to_string());
            }
        }
        headers
    }
}

/// A time of a header.
fn millis(headers: &HeaderMap, name: &str) -> Result<Option<Duration>, Error> {
    Ok(number(headers, name, "milliseconds")?.map(Duration::from_millis))
}

/// A size of a header.
pub(crate) fn bytes(headers: &HeaderMap, name: &str) -> Result<Option<usize>, Error> {
    Ok(number(headers, name, "bytes")?.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX)))
}

/// A number of a header, and what it counts.
fn number(headers: &HeaderMap, name: &str, unit: &str) -> Result<Option<u64>, Error> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.as_str();
    let digits = (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits => Ok(Some(number)),
        _ => {
            let shown = crate::names::shortened(text);
            let message = format!(
                "the header `{name}` of the message is `{shown}`, not a number of {unit} of up to ten digits"
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

/// A request for the part that begins there.
pub(crate) fn part(begin: usize) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(PART, begin.to_string());
    headers
}

/// Where an output of so many bytes is.
pub(crate) fn output_at(subject: &str, bytes: usize) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(OUTPUT_AT, subject);
    headers.insert(OUTPUT_BYTES, bytes.to_string());
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
        let terms = Terms {
            timeout: Some(Duration::from_millis(1500)),
            heartbeat: Some(Duration::from_secs(1)),
            input_bytes: Some(7),
            takes: Some(0),
        };
        assert_eq!(Terms::of(Some(&terms.headers())).unwrap(), terms);
        let endless = Terms { timeout: Some(Duration::MAX), ..Terms::default() }.headers();
        let endless = Terms::of(Some(&endless)).unwrap();
        assert!(endless.timeout.unwrap() > Duration::from_secs(9_000_000));
        assert_eq!(Terms::of(None).unwrap(), Terms::default());
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
