//! Small servers on this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as a server saw it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Seen {
    pub(super) fn read(stream: &TcpStream) -> Self {
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
pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(super) fn new(answers: impl IntoIterator<Item = Vec<u8>>) -> Self {
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

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no poison").clone()
    }
}

pub(super) fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

pub(super) fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "", body)
}

pub(super) fn redirect(status: u16, to: &str) -> Vec<u8> {
    answer(&format!("{status} Elsewhere"), &format!("location: {to}\r\n"), "the body of a redirect")
}
