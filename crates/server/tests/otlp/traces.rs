//! A call and what it calls, as a collector sees them.

use plugwright::HostFunction;
use plugwright_server::{Config, RouteConfig, Server, Traces};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Calls a host function.
const GUEST: &str = r#"(module
  (import "extism:host/user" "look_up" (func $look_up (param i64) (result i64)))
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "run") (result i32) (local i64)
    (local.set 0 (call $look_up (call $input)))
    (call $output (local.get 0) (call $length (local.get 0)))
    (i32.const 0)))"#;

/// A collector: gives the head and the body of each request.
async fn collector() -> (String, mpsc::UnboundedReceiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let (got, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut bytes, mut end) = (Vec::new(), None);
            while end.is_none_or(|end| bytes.len() < end) {
                assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
                let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
                if let (None, Some((head, _))) = (end, text.split_once("\r\n\r\n")) {
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                    end = Some(head.len() + 4 + length.parse::<usize>().unwrap());
                }
            }
            let at = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
            let head = String::from_utf8(bytes[..at].to_vec()).unwrap();
            got.send((head, bytes.split_off(at + 4))).unwrap();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .await
                .unwrap();
        }
    });
    (url, requests)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_and_its_host_functions_are_spans_of_the_clients_trace() {
    let (url, mut requests) = collector().await;
    let traces = Traces::start(&url).unwrap();
    tracing_subscriber::registry().with(traces.layer()).init();
    let folder = tempfile::tempdir().unwrap();
    let guest = folder.path().join("traced.wat");
    std::fs::write(&guest, GUEST).unwrap();
    let mut config = Config::default();
    config.routes.push(RouteConfig::new("/", guest.to_str().unwrap(), "run"));
    config.listen.set_port(0);
    let look_up = HostFunction::new_async("look_up", |key: String| async move { format!("<{key}>") });
    let server = Server::start_with(config, vec![look_up]).await.unwrap();
    let (address, handle) = (server.local_addr().unwrap(), server.handle());
    let running = tokio::spawn(server.run());
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("http://{address}/")).body("key");
    let request = request.header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"));
    assert_eq!(request.send().await.unwrap().text().await.unwrap(), "<key>");
    handle.stop();
    running.await.unwrap();
    tokio::task::spawn_blocking(|| traces.shutdown()).await.unwrap().unwrap();
    let (head, body) = requests.recv().await.unwrap();
    assert!(head.starts_with("POST /v1/traces "), "{head}");
    let shown = String::from_utf8_lossy(&body);
    for text in ["traced.run", "look_up", "plugwright", "host_function"] {
        assert!(contains(&body, text.as_bytes()), "no {text} in {shown}");
    }
    let id: Vec<u8> = (0..16).map(|at| u8::from_str_radix(&trace[2 * at..2 * at + 2], 16).unwrap()).collect();
    assert!(contains(&body, &id), "the spans are not of the client's trace: {shown}");
}
