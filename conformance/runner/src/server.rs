//! The web server that cases talk to: fixed paths, on the loopback interface.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::json;

/// The body of `/hello`.
pub const HELLO: &str = "Hello from the conformance server";

/// The module that `/wasm` serves: a function `run` that returns 0.
const WASM: &[u8] = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03run\0\0\x0a\x06\x01\x04\0\x41\0\x0b";

/// Bodies are written in pieces of this size.
const PIECE: [u8; 4096] = [b'x'; 4096];

/// Lines and bodies of a request that are longer than this are refused.
const MAX_REQUEST_BYTES: u64 = 1 << 20;

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Arc<Stop>,
    acceptor: Option<JoinHandle<()>>,
}

/// Wakes up whoever waits when the server stops.
#[derive(Debug, Default)]
struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn set(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    fn is_set(&self) -> bool {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, at_most: Duration) {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_timeout_while(stopped, at_most, |stopped| !*stopped));
    }
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1. Each connection has a thread of its own and serves one request.
    ///
    /// # Errors
    ///
    /// No port can be opened or no thread started.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stop = Arc::new(Stop::default());
        let acceptor = thread::Builder::new().name("conformance-server".to_owned()).spawn({
            let stop = stop.clone();
            move || accept(&listener, &stop)
        })?;
        Ok(Self { address, stop, acceptor: Some(acceptor) })
    }

    /// The server's base URL, by number: `http://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same server under another host name: `http://localhost:<port>`.
    pub fn other_url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.set();
        // A connection wakes the thread that waits for one.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            drop(acceptor.join());
        }
    }
}

fn accept(listener: &TcpListener, stop: &Arc<Stop>) {
    for connection in listener.incoming() {
        if stop.is_set() {
            return;
        }
        if let Ok(connection) = connection {
            let stop = stop.clone();
            // A client that goes away in the middle is the client's business.
            thread::spawn(move || drop(serve(connection, &stop)));
        }
    }
}

/// A request, as far as the server looks at it.
struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

fn read_request(connection: &TcpStream) -> io::Result<Request> {
    let mut reader = BufReader::new(connection.take(MAX_REQUEST_BYTES));
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_ascii_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
            None => break,
        };
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok(Request { method, path, query, headers, body })
}

fn serve(connection: TcpStream, stop: &Stop) -> io::Result<()> {
    let request = read_request(&connection)?;
    let argument = |name: &str| request.query.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
    let number = |name: &str| argument(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    match request.path.as_str() {
        "/hello" => text(&connection, "200 OK", HELLO),
        "/echo" => {
            let Request { method, path, headers, body, .. } = &request;
            let body = String::from_utf8_lossy(body);
            let seen = json!({"method": method, "path": path, "headers": headers, "body": body});
            respond(&connection, "200 OK", "content-type: application/json\r\n", seen.to_string().as_bytes())
        }
        "/status" => {
            let code = number("code");
            text(&connection, &format!("{code} Status"), &format!("status {code}"))
        }
        "/redirect" => redirect(&connection, argument("to").unwrap_or_default()),
        "/loop" => redirect(&connection, "/loop"),
        "/big" => {
            let length = number("bytes");
            head(&connection, "200 OK", &format!("content-length: {length}\r\n"))?;
            write_body(&connection, Some(length), stop)
        }
        "/endless" => {
            head(&connection, "200 OK", "")?;
            write_body(&connection, None, stop)
        }
        "/slow" => {
            stop.wait(Duration::from_millis(number("ms")));
            text(&connection, "200 OK", "slow")
        }
        "/wasm" => respond(&connection, "200 OK", "content-type: application/wasm\r\n", WASM),
        "/close" => Ok(()),
        _ => text(&connection, "404 Not Found", "no such path"),
    }
}

fn redirect(connection: &TcpStream, to: &str) -> io::Result<()> {
    respond(connection, "302 Found", &format!("location: {to}\r\n"), b"")
}

fn text(connection: &TcpStream, status: &str, body: &str) -> io::Result<()> {
    respond(connection, status, "content-type: text/plain\r\n", body.as_bytes())
}

fn respond(mut connection: &TcpStream, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    head(connection, status, &format!("{headers}content-length: {}\r\n", body.len()))?;
    connection.write_all(body)
}

fn head(mut connection: &TcpStream, status: &str, headers: &str) -> io::Result<()> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}x-conformance: yes\r\nconnection: close\r\n\r\n");
    connection.write_all(head.as_bytes())
}

/// Writes so many bytes; without a number, until the client has enough or the server stops.
fn write_body(mut connection: &TcpStream, length: Option<u64>, stop: &Stop) -> io::Result<()> {
    let mut left = length.unwrap_or(u64::MAX);
    while left > 0 && !stop.is_set() {
        let now = left.min(PIECE.len() as u64);
        connection.write_all(&PIECE[..now as usize])?;
        left -= now;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::{HELLO, Server};

    fn exchange(server: &Server, request: &str) -> String {
        let mut connection = TcpStream::connect(server.address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        connection.read_to_string(&mut response).unwrap();
        response
    }

    fn get(server: &Server, target: &str) -> String {
        exchange(server, &format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"))
    }

    #[test]
    fn each_path_does_what_it_says() {
        let server = Server::start().unwrap();
        assert!(get(&server, "/hello").ends_with(HELLO));
        assert!(get(&server, "/status?code=418").starts_with("HTTP/1.1 418 "));
        assert!(get(&server, "/redirect?to=/hello").contains("location: /hello\r\n"));
        assert!(get(&server, "/big?bytes=10000").ends_with(&format!("\r\n\r\n{}", "x".repeat(10_000))));
        assert!(get(&server, "/nowhere").starts_with("HTTP/1.1 404 "));
        assert_eq!(get(&server, "/close"), "");
    }

    #[test]
    fn echo_tells_what_it_saw() {
        let server = Server::start().unwrap();
        let response = exchange(&server, "PUT /echo HTTP/1.1\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbody");
        let (_, body) = response.split_once("\r\n\r\n").unwrap();
        let seen: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(
            seen,
            serde_json::json!({
                "method": "PUT", "path": "/echo", "body": "body",
                "headers": {"x-a": "b", "content-length": "4"},
            })
        );
    }

    #[test]
    fn stopping_ends_slow_answers() {
        let server = Server::start().unwrap();
        let mut connection = TcpStream::connect(server.address).unwrap();
        connection.write_all(b"GET /slow?ms=3600000 HTTP/1.1\r\n\r\n").unwrap();
        // The connection is accepted in order, so this answer means that the slow one has begun.
        assert!(get(&server, "/hello").ends_with(HELLO));
        drop(server);
        let mut response = String::new();
        connection.read_to_string(&mut response).unwrap();
        assert!(response.ends_with("slow"));
    }
}
