//! Limits in bytes and time, and waiting.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use super::server::{Seen, Server, ok};
use super::{LONG, SHORT, error, get, handle, local, perform, perform_within, policy, request};
use crate::error::ErrorKind;
use crate::http::{End, client, run, send};

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
