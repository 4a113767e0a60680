//! Ten thousand connections that do nothing.

use std::io::{Read, Write};
use std::net::TcpStream;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::serve::Served;
use crate::support::{World, wat};

const CONNECTIONS: usize = 10_000;

/// What the server may take with that many connections, whether they were used or not.
const MAX_KIB: u64 = 300_000_000 / 1024;

#[test]
fn ten_thousand_idle_connections_take_less_than_300_mb() {
    // The server inherits it. Many systems allow a program 1024 files, until it asks for more.
    let limit = getrlimit(Resource::Nofile);
    let enough = CONNECTIONS as u64 + 500;
    assert!(
        limit.maximum.is_none_or(|most| most >= enough),
        "a process may have {limit:?} files: allow {enough}"
    );
    setrlimit(Resource::Nofile, Rlimit { current: Some(enough), maximum: limit.maximum }).unwrap();

    let world = World::new();
    let served = Served::start(&world, &[&wat("echo"), "echo"]);
    let address = served.listening["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let mut connections = Vec::new();
    for number in 1..=CONNECTIONS {
        let mut connection = TcpStream::connect(&address).unwrap();
        // Connections are accepted in turn: when one has an answer, all before it have been. More at once than the system keeps would have
        // to be tried again, after a second each.
        if number % 500 == 0 {
            echo(&mut connection, number);
        }
        connections.push(connection);
    }
    let kib = resident_kib(&served);
    assert!(kib < MAX_KIB, "{kib} KiB are resident");
    for (number, connection) in connections.iter_mut().enumerate() {
        echo(connection, number);
    }
    let kib = resident_kib(&served);
    assert!(kib < MAX_KIB, "{kib} KiB are resident after a request each");
    drop(connections);
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
}

/// Sends a request, and reads its answer.
fn echo(stream: &mut TcpStream, number: usize) {
    let body = format!("connection {number:06}");
    let request = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(body.as_bytes()) {
        let mut part = [0; 1024];
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&part[..read]);
    }
}

/// How much memory the server has.
fn resident_kib(served: &Served) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.child.id())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    resident.trim().trim_end_matches(" kB").parse().unwrap()
}
