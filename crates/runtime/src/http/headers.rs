//! Which headers go out and how those of an answer are shown.

use std::collections::BTreeMap;

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::failure::Failure;

/// Headers that the client computes itself or that concern one connection only. A guest's own are dropped: they would
/// frame the message in a way that differs from its bytes, reach another site than the host that was checked (`Host`),
/// or speak to the operator's proxy. Guests set some of them in good faith, so they are no error.
const DROPPED: [HeaderName; 11] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Headers that say who asks. They are meant for one origin.
const CREDENTIALS: [HeaderName; 3] = [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION];

/// Headers that describe a body.
const ABOUT_BODY: [HeaderName; 4] =
    [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::CONTENT_LOCATION];

pub(super) fn parse(headers: &BTreeMap<String, String>) -> Result<HeaderMap, Failure> {
    let mut parsed = HeaderMap::new();
    for (name, value) in headers {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Failure::Invalid("a name among the request's headers is not valid".to_owned()))?;
        if DROPPED.contains(&header) {
            tracing::debug!(header = %header, "dropped a header that the client sets itself");
            continue;
        }
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            Failure::Invalid(format!("the value of the request's header `{header}` is not valid"))
        })?;
        value.set_sensitive(CREDENTIALS.contains(&header));
        parsed
            .try_append(header, value)
            .map_err(|_| Failure::Invalid("the request has too many headers".to_owned()))?;
    }
    Ok(parsed)
}

pub(super) fn remove_credentials(headers: &mut HeaderMap) {
    for name in CREDENTIALS {
        headers.remove(name);
    }
}

pub(super) fn remove_about_body(headers: &mut HeaderMap) {
    for name in ABOUT_BODY {
        headers.remove(name);
    }
}

/// The headers of an answer. The values of a repeated one are joined; bytes that are not UTF-8 are replaced.
pub(super) fn joined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        match joined.get_mut(name.as_str()) {
            Some(earlier) => {
                earlier.push_str(", ");
                earlier.push_str(&value);
            }
            None => {
                joined.insert(name.as_str().to_owned(), value.into_owned());
            }
        }
    }
    joined
}
