//! What a collector gets from the command.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use crate::http;

/// A request to the collector: its first line, its headers in lower case, and its body.
struct Collected {
    line: String,
    headers: String,
    body: Vec<u8>,
}

/// A collector that takes whatever comes.
fn collector() -> (String, Receiver<Collected>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let (got, collected) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut line, mut headers) = (String::new(), String::new());
            stream.read_line(&mut line).unwrap();
            while !headers.ends_with("\r\n\r\n") {
                assert_ne!(stream.read_line(&mut headers).unwrap(), 0, "{headers}");
            }
            headers.make_ascii_lowercase();
            let length = headers.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            stream.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.get_mut().write_all(answer).unwrap();
            // The test may have seen enough.
            let _ = got.send(Collected { line, headers, body });
        }
    });
    (url, collected)
}

#[test]
fn the_last_calls_are_collected_before_the_command_ends() {
    let (url, collected) = collector();
    let folder = tempfile::tempdir().unwrap();
    let guest = folder.path().join("traced.wat");
    std::fs::write(&guest, r#"(module (func (export "run") (result i32) (i32.const 0)))"#).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_plugwright"));
    command.arg("serve").arg(&guest).args(["run", "--json", "--port", "0", "--otlp", &url]);
    command.env("PLUGWRIGHT_CACHE_DIR", folder.path()).env("OTEL_SERVICE_NAME", "greeter-service");
    // The client of the collector would use a proxy.
    command.env("NO_PROXY", "127.0.0.1").stdin(Stdio::null()).stdout(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let listening: Value = serde_json::from_str(&line).unwrap();
    let url = listening["url"].as_str().unwrap();
    for answer in [http::get(&format!("{url}/healthz"), &[]), http::post(&format!("{url}/"), "")] {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let ended = Command::new("kill").args(["-s", "TERM", &server.id().to_string()]).status().unwrap();
    assert!(ended.success());
    assert!(server.wait().unwrap().success());
    let Collected { line, headers, body } = collected.recv().unwrap();
    assert!(line.starts_with("POST /v1/traces "), "{line}");
    assert!(headers.contains("content-type: application/x-protobuf"), "{headers}");
    let body = String::from_utf8_lossy(&body);
    for text in ["traced.run", "greeter-service"] {
        assert!(body.contains(text), "no {text} in {body}");
    }
    assert!(!body.contains("healthz"), "only calls are traced: {body}");
}

#[test]
fn a_collector_that_is_no_url_is_refused_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_plugwright"));
    command.args(["serve", "nowhere.wasm", "run", "--otlp", "not a url"]).current_dir(folder.path());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.starts_with("error: traces cannot be sent"), "{errors}");
}
