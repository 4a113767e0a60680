//! NATS, and what JetStream was given.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use plugwright_test_servers::Nats;

/// A plain connection.
struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    fn connect(nats: &Nats, user: &str) -> Self {
        let mut client = Self { stream: BufReader::new(TcpStream::connect(nats.address()).unwrap()) };
        assert!(client.line().starts_with("INFO "));
        client.send(&format!("CONNECT {{\"verbose\":false,\"headers\":true{user}}}\r\n"));
        client
    }

    fn send(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Asks, and returns the answer's payload.
    fn request(&mut self, subject: &str, payload: &str) -> String {
        self.send(&format!(
            "SUB answer 1\r\nUNSUB 1 1\r\nPUB {subject} answer {}\r\n{payload}\r\n",
            payload.len()
        ));
        let head = self.line();
        assert!(head.starts_with("MSG answer 1 "), "{head}");
        self.line()
    }
}

#[test]
fn jetstream_keeps_what_it_has_acknowledged() {
    let mut nats = Nats::start().unwrap();
    let mut client = Client::connect(&nats, "");
    let made =
        client.request("$JS.API.STREAM.CREATE.S", r#"{"name":"S","subjects":["s.>"],"storage":"file"}"#);
    assert!(made.contains("\"did_create\":true"), "{made}");
    assert_eq!(client.request("s.a", "first"), r#"{"stream":"S", "seq":1}"#);
    let url = nats.url();
    nats.kill().unwrap();
    assert_eq!(client.line(), "", "the connection is gone");
    nats.restart().unwrap();
    assert_eq!(nats.url(), url);
    let mut client = Client::connect(&nats, "");
    // The payload, in Base64.
    let message = client.request("$JS.API.STREAM.MSG.GET.S", r#"{"seq":1}"#);
    assert!(message.contains("\"data\":\"Zmlyc3Q=\""), "{message}");
    nats.stop().unwrap();
    nats.restart().unwrap();
    assert_eq!(Client::connect(&nats, "").request("s.a", "second"), r#"{"stream":"S", "seq":2}"#);
}

#[test]
fn two_know_nothing_of_each_other_and_one_knows_its_user() {
    let open = Nats::start().unwrap();
    let closed = Nats::setup().credentials("alice", "secret").setting("max_payload: 4096").start().unwrap();
    Client::connect(&open, "").request("$JS.API.STREAM.CREATE.S", r#"{"name":"S","subjects":["s"]}"#);
    let mut alice = Client::connect(&closed, r#","user":"alice","pass":"secret""#);
    let streams = alice.request("$JS.API.STREAM.NAMES", "");
    assert!(streams.contains("\"streams\":null"), "{streams}");
    for user in ["", r#","user":"alice","pass":"wrong""#] {
        let mut client = Client::connect(&closed, user);
        client.send("PING\r\n");
        assert_eq!(client.line(), "-ERR 'Authorization Violation'");
    }
    assert!(!closed.log().unwrap().contains("secret"));
}
