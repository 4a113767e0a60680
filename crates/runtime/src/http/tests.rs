//! Requests to small servers on this machine.

use std::io::ErrorKind as IoErrorKind;
use std::net::TcpListener;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use plugwright_manifest::AllowedHosts;
use tokio::runtime::{Handle, Runtime};

use super::{HttpPolicy, Request, Response, download, send};
use crate::error::{Error, ErrorKind, Result};
use server::{Server, answer, ok, redirect};

mod limits;
mod redirects;
mod server;

/// Longer than any test takes: where it ends a request, something is wrong.
const LONG: Duration = Duration::from_secs(300);
/// For requests that can only end by their deadline.
const SHORT: Duration = Duration::from_millis(50);

fn handle() -> Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime")).handle().clone()
}

fn get(url: &str) -> Request {
    request(url, "GET", &[], None)
}

fn request(url: &str, method: &str, headers: &[(&str, &str)], body: Option<&str>) -> Request {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Request { url: url.to_owned(), method: method.to_owned(), headers, body: body.map(Into::into) }
}

fn policy(hosts: &[&str], max_response_bytes: u64) -> Arc<HttpPolicy> {
    Arc::new(HttpPolicy::new(AllowedHosts::new(hosts).expect("patterns"), max_response_bytes))
}

fn perform(request: Request, policy: Arc<HttpPolicy>) -> Result<Response> {
    perform_within(request, policy, LONG)
}

fn perform_within(request: Request, policy: Arc<HttpPolicy>, time: Duration) -> Result<Response> {
    handle().block_on(send(handle(), request, policy, Some(Instant::now() + time)))
}

fn fetch(url: &str, headers: &[(&str, &str)], max_bytes: u64, timeout: Duration) -> Result<Vec<u8>> {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    handle().block_on(download(handle(), url, None, &headers, max_bytes, timeout))
}

fn local() -> Arc<HttpPolicy> {
    policy(&["127.0.0.1"], 1000)
}

fn error(result: Result<Response>) -> Error {
    result.expect_err("the request must fail")
}

/// Asserts that nobody ever connected.
fn assert_untouched(listener: &TcpListener) {
    listener.set_nonblocking(true).expect("non-blocking");
    assert_eq!(listener.accept().expect_err("nobody may connect").kind(), IoErrorKind::WouldBlock);
}

#[test]
fn an_answer_arrives_with_status_headers_and_body() {
    let mut found = answer("404 Not Found", "X-Tag: a\r\nx-tag: b\r\nServer: t~st\r\n", "nothing here");
    for byte in found.iter_mut().filter(|byte| **byte == b'~') {
        *byte = 0xe9;
    }
    let server = Server::new([found]);
    let response =
        perform(request(&server.url("/path?q=1"), "post", &[("X-One", "1")], Some("question")), local());
    let response = response.expect("an answer");
    assert_eq!((response.status, response.body.as_slice()), (404, b"nothing here".as_slice()));
    assert_eq!(response.headers["x-tag"], "a, b");
    assert_eq!(response.headers["content-length"], "12");
    assert_eq!(response.headers["server"], "t\u{fffd}st");
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /path?q=1 HTTP/1.1");
    assert_eq!((seen.headers["x-one"].as_str(), seen.body.as_slice()), ("1", b"question".as_slice()));
    assert!(seen.headers["user-agent"].starts_with("plugwright/"));
    assert!(!seen.headers.contains_key("accept-encoding"), "a compressed body would escape the limit");
}

#[test]
fn no_host_is_allowed_by_default_and_none_is_contacted() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/secret", listener.local_addr().expect("an address"));
    for hosts in [&[][..], &["localhost", "127.0.0.2"]] {
        let error = error(perform(get(&url), policy(hosts, 1000)));
        assert_eq!(error.kind(), &ErrorKind::Http);
        assert!(
            error.message().contains("`127.0.0.1`") && error.message().contains("`allowed_hosts`"),
            "{error}"
        );
        assert!(!error.message().contains("secret"), "{error}");
    }
    assert_untouched(&listener);
}

#[test]
fn spelling_does_not_get_past_the_list() {
    let allowed = policy(&["good.example"], 1000);
    for (url, host) in [
        ("http://good.example@evil.example/", "evil.example"),
        ("http://good.example:80@evil.example/", "evil.example"),
        ("http://evil.example/?good.example", "evil.example"),
        ("http://evil.example#@good.example", "evil.example"),
        ("http://evil.example\\@good.example", "evil.example"),
        ("http://evil.example%2f.good.example/", ""),
        ("http://good.example.evil.example/", "good.example.evil.example"),
        ("http://EVIL.example./", "evil.example."),
        ("http://g\u{f6}od.example/", "xn--god-sna.example"),
        ("http://[::ffff:127.0.0.1]/", "[::ffff:7f00:1]"),
        ("http://0x7f.1/", "127.0.0.1"),
    ] {
        let error = error(perform(get(url), Arc::clone(&allowed)));
        assert_eq!(error.kind(), &ErrorKind::Http, "{url}");
        assert!(error.message().contains(host), "{url}: {error}");
    }
    // The same host in other words is allowed.
    let server = Server::new([ok("1"), ok("2")]);
    let port = server.address.port();
    for url in [format!("HTTP://0x7F.1:{port}/"), format!("http://someone:pw@2130706433:{port}/")] {
        assert_eq!(perform(get(&url), local()).expect("an answer").status, 200, "{url}");
    }
    assert_eq!(server.seen()[1].headers["authorization"], "Basic c29tZW9uZTpwdw==");
}

#[test]
fn only_http_and_https_are_possible() {
    let any = policy(&["*"], 1000);
    for url in ["file:///etc/passwd", "ftp://127.0.0.1/", "data:text/plain,x", "127.0.0.1", "", "http://"] {
        assert_eq!(error(perform(get(url), Arc::clone(&any))).kind(), &ErrorKind::Http, "{url}");
    }
    let server = Server::new([redirect(302, "file:///etc/passwd")]);
    let error = error(perform(get(&server.url("/")), any));
    assert!(error.message().contains("`file`"), "{error}");
}

#[test]
fn headers_that_frame_or_route_a_message_are_dropped() {
    let server = Server::new([ok("")]);
    let set = [
        ("Content-Length", "3"),
        ("transfer-encoding", "chunked"),
        ("HOST", "evil.example"),
        ("Connection", "keep-alive, x-kept"),
        ("Upgrade", "h2c"),
        ("Proxy-Authorization", "Basic hush"),
        ("Expect", "100-continue"),
        ("X-Kept", "1"),
    ];
    perform(request(&server.url("/"), "POST", &set, Some("question")), local()).expect("an answer");
    let seen = &server.seen()[0];
    assert_eq!(seen.body, b"question");
    assert_eq!(seen.headers["host"], server.address.to_string());
    for name in ["transfer-encoding", "connection", "upgrade", "proxy-authorization", "expect"] {
        assert!(!seen.headers.contains_key(name), "{name}");
    }
    assert_eq!(seen.headers["x-kept"], "1");
}

#[test]
fn bad_headers_and_methods_are_refused_without_showing_them() {
    for headers in
        [&[("X-Key", "hush\r\nX-Injected: 1")][..], &[("X-hush\r\nX: 1", "1")], &[(":path-hush", "/")]]
    {
        let error = error(perform(request("http://127.0.0.1:9/", "GET", headers, None), local()));
        assert_eq!(error.kind(), &ErrorKind::Http);
        assert!(error.message().contains("header") && !error.to_string().contains("hush"), "{error}");
    }
    for method in ["CONNECT", "trace", "GET / HTTP/1.1\r\nX: 1"] {
        let error = error(perform(request("http://127.0.0.1:9/", method, &[], None), local()));
        assert!(error.message().contains("method"), "{error}");
    }
}

#[test]
fn an_unreachable_server_is_named_without_secrets() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = closed.local_addr().expect("an address");
    drop(closed);
    let url = format!("http://me:hush@{address}/hush?token=hush");
    let error = error(perform(request(&url, "GET", &[("Authorization", "hush")], None), local()));
    assert_eq!(error.kind(), &ErrorKind::Http);
    assert!(error.message().contains(&format!("http://{address}")), "{error}");
    assert!(error.message().to_lowercase().contains("refused"), "{error}");
    assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    let error = fetch(&url.replace("/hush", "/p.wasm"), &[], 10, LONG).expect_err("nobody listens");
    assert_eq!(error.kind(), &ErrorKind::Load);
    assert!(error.message().contains("/p.wasm") && !format!("{error:?}").contains("hush"), "{error:?}");
}

#[test]
fn guests_write_requests_in_several_ways() {
    let full = br#"{"url": "u", "method": "PUT", "headers": {"A": "b"}}"#;
    assert_eq!(Request::from_guest_json(full).expect("a request"), request("u", "PUT", &[("A", "b")], None));
    for json in [
        r#"{"url": "u"}"#,
        r#"{"url": "u", "method": null, "headers": null, "other": [1]}"#,
        r#"{"url": "u", "method": "", "headers": {"A": null}}"#,
    ] {
        assert_eq!(
            Request::from_guest_json(json.as_bytes()).expect(json),
            request("u", "", &[], None),
            "{json}"
        );
    }
    for json in
        [&b"hush"[..], b"", b"\xff", b"{}", br#"{"url": 1}"#, br#"{"url": "u", "headers": "hush"}"#, b"[1"]
    {
        let error = Request::from_guest_json(json).expect_err("not a request");
        assert_eq!(error.kind(), &ErrorKind::Http);
        assert!(error.message().contains("line 1") || json.is_empty(), "{error}");
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }
}

#[test]
fn a_download_follows_redirects_without_taking_headers_along() {
    let other = Server::new([ok("code")]);
    let first = Server::new([redirect(302, "/same"), redirect(302, &other.url("/"))]);
    let code = fetch(&first.url("/"), &[("X-Key", "hush"), ("Accept", "a/b")], 4, LONG).expect("the code");
    assert_eq!(code, b"code");
    assert!(
        first.seen().iter().all(|seen| seen.headers["x-key"] == "hush" && seen.headers["accept"] == "a/b")
    );
    assert!(!other.seen()[0].headers.contains_key("x-key"));
}

#[test]
fn a_download_that_fails_is_a_load_error() {
    let server = Server::new([answer("404 Not Found", "", "a page"), ok("12345"), ok("1234")]);
    let failed = |url: &str, headers: &[(&str, &str)], timeout| {
        let error = fetch(url, headers, 4, timeout).expect_err("no code");
        assert_eq!(error.kind(), &ErrorKind::Load, "{error}");
        error.message().to_owned()
    };
    let url = server.url("/p.wasm?token=hush");
    let message = failed(&url, &[], LONG);
    assert!(message.contains("/p.wasm") && message.contains("404") && !message.contains("hush"), "{message}");
    assert!(failed(&url, &[], LONG).contains("more than 4 bytes"));
    assert_eq!(fetch(&url, &[], 4, LONG).expect("the code"), b"1234");
    assert!(failed("ftp://example.com/p.wasm", &[], LONG).contains("`ftp`"));
    assert!(failed(&url, &[("bad name", "1")], LONG).contains("header"));
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/p.wasm", silent.local_addr().expect("an address"));
    assert!(failed(&url, &[], SHORT).contains("0.05 s"));
    assert!(failed(&url, &[], Duration::ZERO).contains("0 s"));
}
