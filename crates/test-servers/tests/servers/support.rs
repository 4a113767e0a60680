//! Plain connections to servers.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Sends something after which the server hangs up, and returns all that it has answered.
pub(crate) fn exchange(address: SocketAddr, question: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(question.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
