//! A client that does no more than it has to, so that the server has the processors: HTTP/1.1 over one connection.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(super) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, received: Vec::new() }
    }

    /// Sends a request, and waits for its answer.
    pub(super) async fn post(&mut self, path: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let mut request =
            format!("POST {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n").into_bytes();
        request.extend_from_slice(body);
        self.stream.write_all(&request).await.unwrap();
        let head = loop {
            match self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(end) => break self.received.drain(..end + 4).collect::<Vec<u8>>(),
                None => self.receive().await,
            }
        };
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.unwrap_or_else(|| panic!("{head}")).parse().unwrap();
        while self.received.len() < length {
            self.receive().await;
        }
        let body = self.received.drain(..length).collect();
        // Nothing was asked for yet that could follow.
        assert!(self.received.is_empty(), "more than one answer");
        Answer { status, body }
    }

    async fn receive(&mut self) {
        let read = self.stream.read_buf(&mut self.received).await.unwrap();
        assert!(read > 0, "the connection ended in the middle of a request");
    }
}
