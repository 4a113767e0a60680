//! The server that a README tells to start before its calls, on a port of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use super::exchange::Exchange;

/// The port in READMEs. It may be taken on this machine, so the test takes one that is free.
const PORT: &str = "8000";

/// A running server, which ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts a command of Python's `http.server` on a free port, and waits until it listens.
    ///
    /// # Errors
    /// When it cannot be started or does not say where it listens.
    pub(crate) fn start(mut shell: Command, command: &str) -> Result<Self> {
        let free = replace_word(command, PORT, "0").with_context(|| format!("`{command}` has no {PORT}"))?;
        // The shell becomes the server, so that ending the one ends the other.
        shell.arg("-c").arg(format!("exec {free}")).env("PYTHONUNBUFFERED", "1");
        shell.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = shell.spawn().context("cannot start a shell")?;
        let said = child.stdout.take().context("the server has no output")?;
        let mut server = Self { child, port: 0 };

        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        server.port =
            port(&line).with_context(|| format!("`{free}` does not say where it listens: {line:?}"))?;
        Ok(server)
    }

    /// Calls that are meant for a server on the port of READMEs, for this one.
    pub(crate) fn moved(&self, exchanges: Vec<Exchange>) -> Vec<Exchange> {
        let moved = |text: String| text.replace(&format!(":{PORT}/"), &format!(":{}/", self.port));
        exchanges
            .into_iter()
            .map(|Exchange { command, shown }| Exchange {
                command: moved(command),
                shown: shown.into_iter().map(moved).collect(),
            })
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself is as good as one that is ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command with another word in place of the first that is `word`.
fn replace_word(command: &str, word: &str, replacement: &str) -> Option<String> {
    let mut words: Vec<&str> = command.split(' ').collect();
    *words.iter_mut().find(|other| **other == word)? = replacement;
    Some(words.join(" "))
}

/// The number after the word `port`.
fn port(line: &str) -> Option<u16> {
    let mut words = line.split(' ');
    words.find(|word| *word == "port")?;
    words.next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::process::Command;

    use super::{Exchange, Server, port, replace_word};

    #[test]
    fn the_port_is_found() {
        let line = "Serving HTTP on 127.0.0.1 port 41235 (http://127.0.0.1:41235/) ...\n";
        assert_eq!(port(line), Some(41235));
        assert_eq!(port("Address already in use\n"), None);
        assert_eq!(replace_word("serve 8000 18000", "8000", "0").as_deref(), Some("serve 0 18000"));
        assert_eq!(replace_word("serve 18000", "8000", "0"), None);
    }

    #[test]
    fn calls_reach_the_server() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("page.txt"), "a page").unwrap();
        let mut shell = Command::new("sh");
        shell.current_dir(folder.path());
        let server = Server::start(shell, "python3 -m http.server 8000 --bind 127.0.0.1").unwrap();

        let exchange = Exchange { command: "get http://127.0.0.1:8000/page.txt".into(), shown: Vec::new() };
        let moved = &server.moved(vec![exchange])[0].command;
        assert_eq!(*moved, format!("get http://127.0.0.1:{}/page.txt", server.port));

        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream.write_all(b"GET /page.txt HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("a page"), "{answer}");
    }

    #[test]
    fn a_server_that_does_not_start_is_an_error() {
        let error = Server::start(Command::new("sh"), "false 8000").err().unwrap().to_string();
        assert!(error.contains("`false 0` does not say where it listens"), "{error}");
    }
}
