//! How a function sees a request, and what its output means: the view `request`. In the view `body` bytes stay bytes.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{Response, StatusCode};
use http_body_util::Full;
use serde::{Deserialize, Serialize};

/// The most headers of a response.
const MAX_HEADERS: usize = 128;

/// A request, as the function gets it in JSON.
#[derive(Debug, Serialize)]
pub(crate) struct RequestView<'a> {
    pub(crate) method: &'a str,
    /// As the client sent it, percent-encoded.
    pub(crate) path: &'a str,
    /// The pattern of the route.
    pub(crate) route: &'a str,
    /// What stands for the parameters of the pattern, decoded.
    pub(crate) params: &'a BTreeMap<String, String>,
    /// The parameters of the query, decoded.
    pub(crate) query: BTreeMap<String, Vec<String>>,
    pub(crate) headers: BTreeMap<&'a str, Vec<String>>,
    #[serde(flatten)]
    pub(crate) body: BodyView<'a>,
}

/// A body in JSON: as text when it is text.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum BodyView<'a> {
    None {},
    Text { body: &'a str },
    Bytes { body_base64: String },
}

impl<'a> BodyView<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok("") => Self::None {},
            Ok(body) => Self::Text { body },
            Err(_) => Self::Bytes { body_base64: STANDARD.encode(bytes) },
        }
    }
}

/// Headers by name; values that are not text have their bytes as characters, as HTTP once said.
pub(crate) fn headers(headers: &HeaderMap) -> BTreeMap<&str, Vec<String>> {
    let mut view: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in headers {
        let text = match value.to_str() {
            Ok(text) => text.to_owned(),
            Err(_) => value.as_bytes().iter().map(|byte| char::from(*byte)).collect(),
        };
        view.entry(name.as_str()).or_default().push(text);
    }
    view
}

/// The parameters of a query.
pub(crate) fn query(query: Option<&str>) -> BTreeMap<String, Vec<String>> {
    let mut view: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        view.entry(decode(name, true)).or_default().push(decode(value, true));
    }
    view
}

/// What a part of a URL stands for; in a query a plus sign stands for a space.
pub(crate) fn decode(text: &str, plus: bool) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |further: usize| bytes.get(at + further).and_then(|byte| char::from(*byte).to_digit(16));
        match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                // Two digits of four bits.
                decoded.push((high << 4 | low) as u8);
                at += 3;
                continue;
            }
            (b'+', ..) if plus => decoded.push(b' '),
            (byte, ..) => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// A response, as the function gives it in JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseView {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, Values>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
}

/// One value of a header, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
}

fn ok() -> u16 {
    200
}

/// The response that a function's output describes.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn response(output: &[u8]) -> Result<Response<Full<Bytes>>, String> {
    let view: ResponseView = serde_json::from_slice(output)
        .map_err(|error| format!("the output is not a response in JSON: {error}"))?;
    let status =
        StatusCode::from_u16(view.status).ok().filter(|status| (200..=599).contains(&status.as_u16()));
    let status =
        status.ok_or_else(|| format!("`status` is {}; it is a number from 200 to 599", view.status))?;
    let is_text = view.body.is_some();
    let body = match (view.body, view.body_base64) {
        (Some(_), Some(_)) => {
            return Err("there are both `body` and `body_base64`; give one of them".to_owned());
        }
        (Some(text), None) => Bytes::from(text),
        (None, Some(encoded)) => STANDARD
            .decode(encoded)
            .map(Bytes::from)
            .map_err(|error| format!("`body_base64` is not valid: {error}"))?,
        (None, None) => Bytes::new(),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, values) in view.headers {
        let values = match values {
            Values::One(value) => vec![value],
            Values::Many(values) => values,
        };
        for value in values {
            let (name, value) = header(&name, &value)?;
            headers.append(name, value);
        }
    }
    if headers.len() > MAX_HEADERS {
        return Err(format!("there are more than {MAX_HEADERS} headers"));
    }
    if is_text && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    Ok(response)
}

/// A header that a plug-in may set: not one of those that say where a response ends, which are the server's.
fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let parsed =
        HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is not a header's name"))?;
    if [CONNECTION, CONTENT_LENGTH, TE, TRAILER, TRANSFER_ENCODING, UPGRADE].contains(&parsed)
        || parsed.as_str() == "keep-alive"
    {
        return Err(format!("the header `{parsed}` is set by the server; leave it out"));
    }
    let value = HeaderValue::from_str(value)
        .map_err(|_| format!("the value of the header `{parsed}` is not valid"))?;
    Ok((parsed, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_urls_are_decoded() {
        for (text, decoded) in [
            ("a", "a"),
            ("a%20b", "a b"),
            ("%C3%A9", "é"),
            ("%", "%"),
            ("%4", "%4"),
            ("%zz", "%zz"),
            ("%ff", "\u{fffd}"),
        ] {
            assert_eq!(decode(text, false), decoded, "{text}");
        }
        assert_eq!((decode("a+b", false), decode("a+b", true)), ("a+b".to_owned(), "a b".to_owned()));
        let parsed = query(Some("a=1&b&a=2&&c=%26"));
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(parsed["a"], list(&["1", "2"]));
        assert_eq!((&parsed["b"], &parsed["c"], parsed.len()), (&list(&[""]), &list(&["&"]), 3));
    }

    #[test]
    fn responses() {
        let made =
            response(br#"{"status":201,"headers":{"x-a":"1","set-cookie":["a=b","c=d"]},"body":"hi"}"#)
                .unwrap();
        assert_eq!(made.status(), 201);
        assert_eq!(made.headers().get_all("set-cookie").iter().count(), 2);
        assert_eq!(made.headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(response(b"{}").unwrap().status(), 200);
        for (output, words) in [
            (&b"hi"[..], "not a response in JSON"),
            (br#"{"status":100}"#, "`status` is 100"),
            (br#"{"status":600}"#, "`status` is 600"),
            (br#"{"stats":200}"#, "stats"),
            (br#"{"body":"a","body_base64":"aa"}"#, "both"),
            (br#"{"body_base64":"!"}"#, "`body_base64`"),
            (br#"{"headers":{"content-length":"7"}}"#, "content-length"),
            (br#"{"headers":{"Transfer-Encoding":"chunked"}}"#, "transfer-encoding"),
            (br#"{"headers":{"a b":"7"}}"#, "`a b`"),
            (b"{\"headers\":{\"a\":\"x\\r\\ny: z\"}}", "`a`"),
        ] {
            let error = response(output).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
