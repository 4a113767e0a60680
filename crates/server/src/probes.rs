//! What orchestrators ask: whether the server lives, and whether it serves.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response};
use http_body_util::Full;

use crate::service::Reply;

/// The answer to a probe, if it is one. A server that answers at all has read and compiled everything, and accepts requests:
/// one that stops does not accept connections any more.
pub(crate) fn answer(method: &Method, path: &str) -> Option<Reply> {
    if !matches!(path, "/healthz" | "/readyz") || !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let mut reply = Response::new(Full::new(Bytes::from_static(b"ok\n")));
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Some(reply)
}
