//! A connection to ask a server by whether it is ready.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// After this time the question is put again.
const LIMIT: Duration = Duration::from_secs(5);
/// No answer to a question is longer, in bytes.
const LONGEST: usize = 64 * 1024;

pub(crate) struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Wire {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        Ok(Self { stream, read: Vec::new() })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads until all that was read satisfies `enough`, and returns it; it is read again by the next call.
    pub(crate) fn read_until(&mut self, enough: impl Fn(&[u8]) -> bool) -> io::Result<&[u8]> {
        let mut part = [0; 4096];
        while !enough(&self.read) {
            let length = self.stream.read(&mut part)?;
            if length == 0 || self.read.len() > LONGEST {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.read.extend_from_slice(&part[..length]);
        }
        Ok(&self.read)
    }
}

/// Whether `text` is somewhere in `bytes`.
pub(crate) fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
