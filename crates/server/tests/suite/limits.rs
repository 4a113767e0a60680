//! Limits of requests and connections.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Running, World, problem};

/// Sends bytes, and reads to the end of the connection.
async fn exchange(running: &Running, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // The end may come as a reset when bytes were sent that nobody reads.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_are_limited_however_they_are_sent() {
    let world = World::new();
    let mut small = world.route("/small", "echo");
    small.max_body_bytes = Some(10);
    let running = Running::start(world.config([small, world.route("/echo", "echo")])).await;
    assert_eq!(running.text("/small", "0123456789").await, "0123456789");
    problem(running.post("/small", "0123456789a").await, 413, "body-too-large").await;
    // What is announced is refused before it is sent.
    let head = "POST /small HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n";
    let answer = exchange(&running, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("connection: close"), "{answer}");
    // What is not announced is refused as soon as it is too much.
    let chunked =
        "POST /small HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n678901\r\n";
    assert!(exchange(&running, chunked.as_bytes()).await.starts_with("HTTP/1.1 413"));
    let large = "x".repeat(3 << 20);
    assert_eq!(running.text("/echo", &large).await, large);
    problem(running.post("/echo", "x".repeat((4 << 20) + 1)).await, 413, "body-too-large").await;
    running.until(|state| state["buffered_bytes"] == 0).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_bodies_together_are_limited() {
    let world = World::new();
    let mut config = world.config([world.route("/wait", "wait"), world.route("/echo", "echo")]);
    config.http.max_buffered_bytes = 1000;
    let mut running = Running::start(config).await;
    let held = tokio::spawn(running.post_body_later("/wait", "x".repeat(900)));
    running.gate.entered().await;
    let refused = running.post("/echo", "x".repeat(101)).await;
    assert_eq!(refused.headers()["retry-after"], "1");
    problem(refused, 503, "no-room").await;
    assert_eq!(running.text("/echo", "small").await, "small");
    running.gate.open();
    assert_eq!(held.await.unwrap().status(), 200);
    assert_eq!(running.text("/echo", &"x".repeat(1000)).await.len(), 1000);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_turns_requests_away() {
    let world = World::new();
    let mut route = world.route("/wait", "wait");
    (route.concurrency, route.queue) = (1, 1);
    let mut running = Running::start(world.config([route, world.route("/echo", "echo")])).await;
    let first = tokio::spawn(running.post_body_later("/wait", "first".to_owned()));
    assert_eq!(running.gate.entered().await, "first");
    let second = tokio::spawn(running.post_body_later("/wait", "second".to_owned()));
    running.until(|state| state["routes"][0]["in_flight"] == 2).await;
    let refused = running.post("/wait", "third").await;
    assert_eq!(refused.headers()["retry-after"], "1");
    problem(refused, 503, "queue-full").await;
    // Other routes have queues of their own.
    assert_eq!(running.text("/echo", "fine").await, "fine");
    running.gate.open();
    assert_eq!(running.gate.entered().await, "second");
    running.gate.open();
    for (call, output) in [(first, "first"), (second, "second")] {
        assert_eq!(call.await.unwrap().text().await.unwrap(), output);
    }
    assert_eq!(running.state().await["routes"][0]["turned_away"], 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_in_a_queue_is_limited() {
    let world = World::new();
    let isolations = ["shared", "per-request", "session"];
    let routes = isolations.map(|isolation| {
        format!(
            "[[serve.routes]]\npath = \"/{isolation}\"\nplugin = \"guest.wat\"\nfunction = \"wait\"\nconcurrency = 1\nqueue_timeout = 0\nisolation = \"{isolation}\"\n"
        )
    });
    let mut running = Running::start(world.toml(&routes.join(""))).await;
    for isolation in isolations {
        let path = format!("/{isolation}");
        let held = tokio::spawn(running.post_body_later(&path, isolation.to_owned()));
        assert_eq!(running.gate.entered().await, isolation);
        problem(running.post(&path, "late").await, 503, "queue-timeout").await;
        running.gate.open();
        assert_eq!(held.await.unwrap().status(), 200);
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_cut_and_idle_ones_closed() {
    let world = World::new();
    let mut config = world.config([world.route("/echo", "echo")]);
    config.http.header_timeout = Duration::from_millis(50);
    config.http.body_timeout = Duration::from_millis(50);
    config.http.idle_timeout = Duration::from_millis(100);
    let running = Running::start(config).await;
    // A head that never ends.
    assert_eq!(exchange(&running, b"POST /echo HTTP/1.1\r\nhost: x\r\nx-slow: ").await, "");
    running.until(|state| state["slow_clients"] == 1).await;
    // A body that never ends.
    let answer = exchange(&running, b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhi").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    // No request, and no further request.
    assert_eq!(exchange(&running, b"").await, "");
    let answer = exchange(&running, b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hi"), "{answer}");
    assert_eq!(running.state().await["slow_clients"], 1, "those were idle, not slow");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_take_no_bytes_are_cut() {
    let world = World::new();
    let mut config = world.config([world.route("/echo", "echo")]);
    config.http.write_timeout = Duration::from_millis(50);
    config.http.max_body_bytes = 64 << 20;
    config.routes[0].limits.max_output_bytes = Some(64 << 20);
    let running = Running::start(config).await;
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    // More than the buffers of the sockets hold.
    let bytes = 32 << 20;
    let head = format!("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: {bytes}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; bytes]).await.unwrap();
    // Not read until the server has given up.
    running.until(|state| state["routes"][0]["responses"][0] == 1 && state["connections"] == 1).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.len() < bytes, "{} bytes came through", answer.len());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_most_wait() {
    let world = World::new();
    let mut config = world.config([world.route("/echo", "echo")]);
    config.http.max_connections = 1;
    let running = Running::start(config).await;
    let request = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi";
    let mut first = TcpStream::connect(running.address()).await.unwrap();
    first.write_all(request).await.unwrap();
    let mut byte = [0];
    first.read_exact(&mut byte).await.unwrap();
    let mut second = TcpStream::connect(running.address()).await.unwrap();
    second.write_all(request).await.unwrap();
    // The one for operators is not of the same listener.
    running.until(|state| state["routes"][0]["responses"][0] == 1 && state["connections"] == 2).await;
    assert_eq!(
        running.state().await["routes"][0]["responses"][0],
        1,
        "the second connection was not accepted"
    );
    drop(first);
    second.read_exact(&mut byte).await.unwrap();
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_heads_are_refused() {
    let world = World::new();
    let running = Running::start(world.config([world.route("/echo", "echo")])).await;
    let answer = async |length| {
        let long = "x".repeat(length);
        let head = format!("POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-long: {long}\r\n\r\n");
        exchange(&running, head.as_bytes()).await
    };
    let fits = answer(16_000).await;
    assert!(fits.starts_with("HTTP/1.1 200"), "{fits}");
    let refused = answer(17_000).await;
    assert!(refused.starts_with("HTTP/1.1 431") && refused.contains("head-too-large"), "{refused}");
    // More than any buffer takes.
    let refused = answer(1_000_000).await;
    assert!(refused.is_empty() || refused.starts_with("HTTP/1.1 431"), "{refused}");
    running.stop().await;
}
