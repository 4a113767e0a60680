//! Mosquitto.

use std::io::{Read, Write};
use std::net::TcpStream;

use plugwright_test_servers::Mosquitto;

/// A plain connection that speaks MQTT 3.1.1.
struct Client(TcpStream);

impl Client {
    /// With a session that lives until it connects again.
    fn connect(mosquitto: &Mosquitto, credentials: Option<(&str, &str)>) -> (Self, u8) {
        let mut client = Self(TcpStream::connect(mosquitto.address()).unwrap());
        let texts: Vec<&str> = credentials.map(|(user, password)| vec![user, password]).unwrap_or_default();
        let flags = if texts.is_empty() { 0 } else { 0xc0 };
        let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, flags, 0, 60];
        for text in [&["test"], &texts[..]].concat() {
            body.extend(string(text));
        }
        client.send(0x10, &body);
        let (kind, answer) = client.receive();
        assert_eq!(kind, 0x20);
        (client, answer[1])
    }

    fn send(&mut self, kind: u8, body: &[u8]) {
        let head = [kind, u8::try_from(body.len()).unwrap()];
        self.0.write_all(&[&head, body].concat()).unwrap();
    }

    fn receive(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).unwrap();
        let mut body = vec![0; head[1].into()];
        self.0.read_exact(&mut body).unwrap();
        (head[0], body)
    }

    /// Publishes a retained message, and waits for the acknowledgement.
    fn retain(&mut self, topic: &str, message: &str) {
        self.send(0x33, &[string(topic), vec![0, 1], message.into()].concat());
        assert_eq!(self.receive(), (0x40, vec![0, 1]));
    }

    /// The retained message of a topic; `None` when there is none.
    fn retained(&mut self, topic: &str) -> Option<String> {
        self.send(0x82, &[vec![0, 2], string(topic), vec![0]].concat());
        assert_eq!(self.receive(), (0x90, vec![0, 2, 0]));
        // Answered after the message, if there is one.
        self.send(0xc0, &[]);
        let (kind, body) = self.receive();
        (kind != 0xd0).then(|| String::from_utf8(body[2 + topic.len()..].to_vec()).unwrap())
    }
}

/// A string as MQTT has it, with its length before it.
fn string(text: &str) -> Vec<u8> {
    [&u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat()
}

#[test]
fn it_keeps_what_it_has_saved() {
    let mut mosquitto = Mosquitto::start().unwrap();
    let url = mosquitto.url();
    Client::connect(&mosquitto, None).0.retain("t", "cold");
    mosquitto.stop().unwrap();
    TcpStream::connect(mosquitto.address()).unwrap_err();
    mosquitto.restart().unwrap();
    assert_eq!(mosquitto.url(), url);
    assert_eq!(Client::connect(&mosquitto, None).0.retained("t").as_deref(), Some("cold"));
    mosquitto.kill().unwrap();
    mosquitto.restart().unwrap();
    assert_eq!(Client::connect(&mosquitto, None).0.retained("t").as_deref(), Some("cold"));
}

#[test]
fn two_know_nothing_of_each_other_and_one_knows_its_user() {
    let open = Mosquitto::start().unwrap();
    let closed = Mosquitto::setup().credentials("alice", "secret").setting("max_packet_size 1000");
    let closed = closed.start().unwrap();
    Client::connect(&open, None).0.retain("t", "cold");
    let (mut alice, code) = Client::connect(&closed, Some(("alice", "secret")));
    assert_eq!(code, 0);
    assert_eq!(alice.retained("t"), None);
    for wrong in [None, Some(("alice", "wrong")), Some(("bob", "secret"))] {
        // "Not authorised".
        assert_eq!(Client::connect(&closed, wrong).1, 5);
    }
    assert!(!closed.log().unwrap().contains("secret"));
}
