//! The page for people: files that a browser may have without the token, which it asks for itself.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, Response, StatusCode};
use http_body_util::Full;

use super::only;
use crate::problem::Problem;
use crate::service::Reply;

/// Where the page is. Its other files are beside it.
const PAGE: &str = "/_/";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What every file is sent with. Nothing comes from elsewhere, nothing is executed but our files, and no other page may show ours in a frame.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    // The next version of the server has others under the same names.
    (CACHE_CONTROL, "no-cache"),
];

struct File {
    name: &'static str,
    content_type: &'static str,
    content: &'static str,
}

macro_rules! file {
    ($name:literal, $content_type:expr) => {
        File {
            name: $name,
            content_type: $content_type,
            content: include_str!(concat!("../../page/", $name)),
        }
    };
}

const FILES: [File; 14] = [
    file!("index.html", HTML),
    file!("page.css", "text/css; charset=utf-8"),
    file!("icon.svg", "image/svg+xml"),
    file!("api.js", SCRIPT),
    file!("bytes.js", SCRIPT),
    file!("chart.js", SCRIPT),
    file!("dom.js", SCRIPT),
    file!("errors.js", SCRIPT),
    file!("format.js", SCRIPT),
    file!("main.js", SCRIPT),
    file!("playground.js", SCRIPT),
    file!("result.js", SCRIPT),
    file!("series.js", SCRIPT),
    file!("tables.js", SCRIPT),
];

/// The answer to a request for one of the page's files, if it is one.
pub(super) fn answer(method: &Method, path: &str) -> Option<Result<Reply, Problem>> {
    if path == PAGE.trim_end_matches('/') {
        return Some(only(method, &[Method::GET, Method::HEAD]).map(|()| moved()));
    }
    let name = match path.strip_prefix(PAGE)? {
        "" => "index.html",
        name => name,
    };
    let file = FILES.iter().find(|file| file.name == name)?;
    Some(only(method, &[Method::GET, Method::HEAD]).map(|()| file.reply()))
}

fn moved() -> Reply {
    let mut reply = Response::new(Full::new(Bytes::new()));
    *reply.status_mut() = StatusCode::PERMANENT_REDIRECT;
    reply.headers_mut().insert(LOCATION, HeaderValue::from_static(PAGE));
    reply
}

impl File {
    fn reply(&self) -> Reply {
        let mut reply = Response::new(Full::new(Bytes::from_static(self.content.as_bytes())));
        let headers = reply.headers_mut();
        headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        reply
    }
}
