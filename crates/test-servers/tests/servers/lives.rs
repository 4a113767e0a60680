//! How long a server lives, and what can be done to it meanwhile.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;

use plugwright_test_servers::{Kind, MosquittoKind, NatsKind, PostgresKind, RedisKind, Server};

/// The state of a process: `None` when there is none, or it has ended.
fn state(process: u32) -> Option<char> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    text.rsplit(") ").next()?.chars().next().filter(|state| *state != 'Z')
}

/// A server, started by another process of the same tests.
struct Held {
    holder: Child,
    answers: BufReader<std::process::ChildStdout>,
    port: u16,
}

impl Held {
    fn start(kind: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_test-server"));
        let mut holder = command.arg(kind).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut answers = BufReader::new(holder.stdout.take().unwrap());
        let mut url = String::new();
        answers.read_line(&mut url).unwrap();
        let port = url.rsplit(':').next().unwrap().split('/').next().unwrap().trim().parse().unwrap();
        Self { holder, answers, port }
    }

    fn tell(&mut self, command: &str) {
        writeln!(self.holder.stdin.as_mut().unwrap(), "{command}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "ok\n");
    }

    fn is_reachable(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }
}

#[test]
fn it_ends_with_the_process_that_started_it_however_that_ends() {
    for kind in ["redis", "mosquitto", "nats", "postgres"] {
        let mut held = Held::start(kind);
        // A connection that the server closes by its end.
        let mut connection = TcpStream::connect(("127.0.0.1", held.port)).unwrap();
        held.holder.kill().unwrap();
        held.holder.wait().unwrap();
        // NATS sends something first. A connection that is reset has ended as well.
        drop(connection.read_to_end(&mut Vec::new()));
        while held.is_reachable() {
            thread::yield_now();
        }
    }
}

#[test]
fn another_process_tells_it_what_to_do() {
    let mut held = Held::start("redis");
    held.tell("kill");
    assert!(!held.is_reachable());
    held.tell("restart");
    assert!(held.is_reachable());
    held.tell("pause");
    held.tell("resume");
    held.tell("stop");
    assert!(!held.is_reachable());
    drop(held.holder.stdin.take());
    assert!(held.holder.wait().unwrap().success());
}

#[test]
fn a_server_that_is_not_installed_is_an_error_that_says_what_to_do() {
    for kind in ["redis", "mosquitto", "nats", "postgres"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_test-server"));
        let output = command.arg(kind).env("PLUGWRIGHT_TEST_SERVERS", "/nowhere").output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains("/nowhere: run `cargo xtask brokers`"), "{error}");
        assert!(!output.status.success());
    }
}

#[test]
fn it_outlives_the_thread_that_started_it() {
    fn check<K: Kind + Send + 'static>() {
        let server = thread::spawn(|| Server::<K>::start().unwrap()).join().unwrap();
        let process = server.process_id().unwrap();
        assert!(state(process).is_some());
        assert!(TcpStream::connect(server.address()).is_ok());
        drop(server);
        assert_eq!(state(process), None);
    }
    check::<RedisKind>();
    check::<MosquittoKind>();
    check::<NatsKind>();
    check::<PostgresKind>();
}

#[test]
fn one_that_is_paused_stays_and_does_nothing() {
    fn check<K: Kind>() {
        let mut server = Server::<K>::start().unwrap();
        let process = server.process_id().unwrap();
        server.pause().unwrap();
        assert_eq!(state(process), Some('T'));
        server.resume().unwrap();
        assert_ne!(state(process), Some('T'));
        server.pause().unwrap();
        server.stop().unwrap();
        assert_eq!(state(process), None);
        server.restart().unwrap();
        server.pause().unwrap();
        server.restart().unwrap();
    }
    check::<RedisKind>();
    check::<MosquittoKind>();
    check::<NatsKind>();
    check::<PostgresKind>();
}
