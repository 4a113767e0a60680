//! A small client of web servers: one request, one answer.

use std::io::{Read, Write};
use std::net::TcpStream;

/// What a server says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Posts a body.
pub(crate) fn post(url: &str, body: &str) -> Answer {
    request(url, "POST", &[], body)
}

/// Asks for what a URL names.
pub(crate) fn get(url: &str, headers: &[(&str, &str)]) -> Answer {
    request(url, "GET", headers, "")
}

fn request(url: &str, method: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut head = format!("{method} /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    // The server says the length of each body, so that what follows the head is all of it, as it is.
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer { status: status.unwrap_or_else(|| panic!("no status: {head}")), body: body.to_owned() }
}
