//! Requests to small servers on this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind as IoErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::{Duration, Instant};

use plugwright_manifest::AllowedHosts;
use tokio::runtime::{Handle, Runtime};

use super::exchange::MAX_REDIRECTS;
use super::{End, HttpPolicy, Request, Response, client, download, run, send};
use crate::error::{Error, ErrorKind, Result};

/// Longer than any test takes: where it ends a request, something is wrong.
const LONG: Duration = Duration::from_secs(300);
/// For requests that can only end by their deadline.
const SHORT: Duration = Duration::from_millis(50);

fn handle() -> Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime")).handle().clone()
}

/// A request as a server saw it.
#[derive(Debug, Clone)]
struct Seen {
    line: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Seen {
    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut next = || {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line of the request's head");
            line.trim_end().to_owned()
        };
        let line = next();
        let mut headers = BTreeMap::new();
        while let Some((name, value)) = next().split_once(": ") {
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let length = headers.get("content-length").map_or(0, |n: &String| n.parse().expect("a length"));
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("the request's body");
        Self { line, headers, body }
    }
}

/// A server that gives one answer to each connection, in order.
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    fn new(answers: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answers, log) = (Vec::from_iter(answers), Arc::clone(&seen));
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a connection");
                let request = Seen::read(&stream);
                log.lock().expect("no poison").push(request);
                // The client may hang up in the middle of an answer that it does not want.
                let _ = stream.write_all(&answer);
            }
        });
        Self { address, seen }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no poison").clone()
    }
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "", body)
}

fn redirect(status: u16, to: &str) -> Vec<u8> {
    answer(&format!("{status} Elsewhere"), &format!("location: {to}\r\n"), "the body of a redirect")
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
fn a_redirect_to_a_forbidden_host_is_not_followed() {
    let forbidden = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = forbidden.local_addr().expect("an address").port();
    for target in
        [format!("http://localhost:{port}/"), format!("http://127.0.0.1@localhost:{port}/?token=hush")]
    {
        let server = Server::new([redirect(302, &target)]);
        let error = error(perform(get(&server.url("/")), local()));
        assert_eq!(error.kind(), &ErrorKind::Http);
        assert!(error.message().contains("redirects to `localhost`"), "{error}");
        assert!(error.message().contains("`allowed_hosts`") && !error.message().contains("hush"), "{error}");
    }
    assert_untouched(&forbidden);
}

#[test]
fn a_forbidden_host_at_the_end_of_a_chain_is_not_reached() {
    let forbidden = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = forbidden.local_addr().expect("an address").port();
    let second = Server::new([redirect(307, &format!("//localhost:{port}/"))]);
    let first = Server::new([redirect(301, "/next"), redirect(308, &second.url("/"))]);
    let error = error(perform(get(&first.url("/")), local()));
    assert!(error.message().contains("`localhost`"), "{error}");
    assert_eq!((first.seen().len(), second.seen().len()), (2, 1));
    assert_untouched(&forbidden);
}

#[test]
fn redirects_to_allowed_hosts_end_at_the_last_answer() {
    let server = Server::new([redirect(301, "next?a=b"), redirect(308, "/last"), ok("here")]);
    let response = perform(get(&server.url("/dir/first")), local()).expect("an answer");
    assert_eq!((response.status, response.body.as_slice()), (200, b"here".as_slice()));
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines, ["GET /dir/first HTTP/1.1", "GET /dir/next?a=b HTTP/1.1", "GET /last HTTP/1.1"]);
}

#[test]
fn endless_redirects_end() {
    let server = Server::new(std::iter::repeat_n(redirect(302, "/again"), MAX_REDIRECTS + 1));
    let error = error(perform(get(&server.url("/")), local()));
    assert!(error.message().contains("more than 10 redirects"), "{error}");
    assert_eq!(server.seen().len(), MAX_REDIRECTS + 1);
}

#[test]
fn a_status_that_redirects_nowhere_is_an_answer() {
    let server =
        Server::new([answer("302 Found", "", "stay"), answer("304 Not Modified", "location: /x\r\n", "")]);
    for status in [302, 304] {
        assert_eq!(perform(get(&server.url("/")), local()).expect("an answer").status, status);
    }
}

#[test]
fn the_method_changes_as_in_browsers() {
    for (status, method, then, keeps_body) in [
        (301, "POST", "GET", false),
        (302, "PUT", "GET", false),
        (303, "DELETE", "GET", false),
        (303, "HEAD", "HEAD", false),
        (307, "POST", "POST", true),
        (308, "PATCH", "PATCH", true),
    ] {
        let server = Server::new([redirect(status, "/next"), ok("")]);
        let body = (method != "HEAD").then_some("question");
        let request =
            request(&server.url("/"), method, &[("Content-Type", "text/plain"), ("X-Kept", "1")], body);
        perform(request, local()).expect("an answer");
        let seen = &server.seen()[1];
        assert_eq!(seen.line, format!("{then} /next HTTP/1.1"), "{status} {method}");
        assert_eq!(seen.body, if keeps_body { "question" } else { "" }.as_bytes(), "{status} {method}");
        assert_eq!(
            seen.headers.contains_key("content-type"),
            keeps_body || method == "HEAD",
            "{status} {method}"
        );
        assert_eq!(seen.headers["x-kept"], "1");
    }
}

#[test]
fn credentials_stay_with_their_origin() {
    let secrets = [("Authorization", "Bearer hush"), ("Cookie", "hush=1"), ("X-Kept", "1")];
    let other = Server::new([ok("")]);
    let first = Server::new([redirect(307, "/same"), redirect(307, &other.url("/"))]);
    perform(request(&first.url("/"), "GET", &secrets, None), local()).expect("an answer");
    for seen in first.seen() {
        assert_eq!((&*seen.headers["authorization"], &*seen.headers["cookie"]), ("Bearer hush", "hush=1"));
    }
    let seen = &other.seen()[0];
    assert!(!seen.headers.contains_key("authorization") && !seen.headers.contains_key("cookie"), "{seen:?}");
    assert_eq!(seen.headers["x-kept"], "1");
}

#[test]
fn a_user_in_the_url_stays_with_its_origin() {
    let other = Server::new([ok("")]);
    let first = Server::new([redirect(302, "next"), redirect(302, &other.url("/"))]);
    let url = format!("http://me:hush@{}/", first.address);
    perform(get(&url), local()).expect("an answer");
    assert!(first.seen().iter().all(|seen| seen.headers.contains_key("authorization")), "{:?}", first.seen());
    assert!(!other.seen()[0].headers.contains_key("authorization"));
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
fn a_body_of_exactly_the_limit_passes_and_one_byte_more_does_not() {
    let chunked = |size: usize| {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
        format!("{head}{size:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(size)).into_bytes()
    };
    let server = Server::new([ok(&"x".repeat(1000)), chunked(1000), ok(&"x".repeat(1001)), chunked(1001)]);
    for _ in 0..2 {
        assert_eq!(perform(get(&server.url("/")), local()).expect("an answer").body.len(), 1000);
    }
    for _ in 0..2 {
        let error = error(perform(get(&server.url("/")), local()));
        assert_eq!(error.kind(), &ErrorKind::Limit);
        let named = error.message().contains("1000 bytes");
        assert!(named && error.message().contains("`memory.max_http_response_bytes`"), "{error}");
    }
}

#[test]
fn an_endless_body_is_cut_off_while_it_arrives() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        Seen::read(&stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").expect("the client listens");
        // Ends only because the client hangs up.
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    let error = error(perform(get(&format!("http://{address}/")), policy(&["127.0.0.1"], 100_000)));
    assert_eq!(error.kind(), &ErrorKind::Limit);
    server.join().expect("the server ends");
}

#[test]
fn the_announced_length_of_a_body_that_does_not_come_is_no_limit() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\nconnection: close\r\n\r\n";
    let server = Server::new([head.to_vec()]);
    let response = perform(request(&server.url("/"), "HEAD", &[], None), local()).expect("an answer");
    assert_eq!((response.headers["content-length"].as_str(), response.body.len()), ("1000000", 0));
}

#[test]
fn the_deadline_ends_a_request_that_is_never_answered() {
    // Connections wait in the backlog; nobody accepts them.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", silent.local_addr().expect("an address"));
    assert_eq!(error(perform_within(get(&url), local(), SHORT)).kind(), &ErrorKind::Timeout);
    assert_eq!(error(perform_within(get(&url), local(), Duration::ZERO)).kind(), &ErrorKind::Timeout);
}

#[test]
fn the_deadline_ends_a_body_that_stalls() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        Seen::read(&stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").expect("the client listens");
        // Until the client hangs up.
        stream.read(&mut [0]).expect("the end of the connection")
    });
    assert_eq!(error(perform_within(get(&url), local(), SHORT)).kind(), &ErrorKind::Timeout);
    assert_eq!(server.join().expect("the server ends"), 0);
}

#[test]
fn without_a_deadline_a_silent_server_is_an_http_error() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let request = get(&format!("http://{}/", silent.local_addr().expect("an address")));
    let work = async move { request.into_exchange(&local())?.perform(client()?).await };
    let failure = handle().block_on(run(&handle(), work, End::of_call(None, SHORT))).expect_err("no answer");
    let error = failure.into_http_error();
    assert_eq!(error.kind(), &ErrorKind::Http);
    assert!(error.message().contains("0.05 s") && error.message().contains("`timeout_ms`"), "{error}");
}

#[test]
fn dropping_the_future_hangs_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let (reached, wait) = mpsc::channel();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        Seen::read(&stream);
        reached.send(()).expect("the test waits");
        stream.read(&mut [0])
    });
    let caller = handle().spawn(send(handle(), get(&url), local(), Some(Instant::now() + LONG)));
    wait.recv().expect("the server is reached");
    caller.abort();
    // A closed connection reads as its end or, on some systems, as a reset.
    assert!(server.join().expect("the server ends").is_ok_and(|n| n == 0), "the connection must be closed");
}

#[test]
fn the_future_needs_no_tokio_around_it() {
    let server = Server::new([ok("here")]);
    let future = send(handle(), get(&server.url("/")), local(), None);
    let response = park_until_ready(future).expect("an answer");
    assert_eq!(response.body, b"here");
}

fn park_until_ready<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::task::Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(output) =
            future.as_mut().poll(&mut std::task::Context::from_waker(&waker))
        {
            return output;
        }
        std::thread::park();
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
