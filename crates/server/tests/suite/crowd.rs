//! Many clients at once, while plug-ins crash and are replaced: every answer is that of its own request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::support::{Running, World};

mod client;
mod random;

use client::{Answer, Client};
use random::Random;

/// How many requests there are, over how many connections.
const REQUESTS: usize = 100_000;
const CONNECTIONS: usize = 64;

/// What is served is changed each time that so many requests have been answered.
const REQUESTS_BETWEEN_CHANGES: usize = 1000;

const CONFIG: &str = r#"
[serve.plugins.worker]
path = "worker.wat"
limits = { timeout = "5s", max_pages = 64, max_output_bytes = 65536 }

[[serve.routes]]
path = "/shared"
plugin = "worker"
function = "work"
concurrency = 8

[[serve.routes]]
path = "/alone"
plugin = "worker"
function = "work"
isolation = "per-request"

[[serve.routes]]
path = "/hasty"
plugin = "worker"
function = "work"
limits = { timeout = "20ms" }
"#;

/// A version of the plug-in. All of them do the same.
fn version(number: usize) -> String {
    include_str!("crowd/guest.wat").replace("i32.const 1000)", &format!("i32.const {number})"))
}

/// A request, and what must come of it.
struct Asked {
    path: &'static str,
    body: Vec<u8>,
    expected: Expected,
}

enum Expected {
    /// The body, with all bits turned over.
    Output,
    /// Problem details with this status and type.
    Problem(u16, &'static str),
}

impl Asked {
    /// One that nobody else sends.
    fn new(connection: usize, number: usize, random: &mut Random) -> Self {
        // Crashes of all kinds; the one that takes time is seldom.
        let (wanted, expected) = match random.below(2000) {
            0 => ('s', Expected::Problem(504, "timeout")),
            1..40 => ('m', Expected::Problem(507, "out-of-memory")),
            40..80 => ('o', Expected::Problem(500, "limit")),
            80..160 => ('t', Expected::Problem(500, "trap")),
            160..240 => ('f', Expected::Problem(500, "guest")),
            _ => ('e', Expected::Output),
        };
        let path = match (wanted, random.below(8)) {
            ('s', _) => "/hasty",
            (_, 0) => "/alone",
            _ => "/shared",
        };
        let mut body = format!("{wanted} connection {connection}, request {number}, ").into_bytes();
        let length = if random.below(50) == 0 { 8000 } else { random.below(200) };
        body.extend((0..length).map(|_| b'a' + random.below(26) as u8));
        Self { path, body, expected }
    }

    #[track_caller]
    fn check(&self, answer: &Answer) {
        let body = String::from_utf8_lossy(&answer.body);
        let asked = String::from_utf8_lossy(&self.body);
        match self.expected {
            Expected::Output => {
                assert_eq!(answer.status, 200, "{asked}: {body}");
                let turned: Vec<u8> = self.body.iter().map(|byte| !byte).collect();
                assert!(answer.body == turned, "{asked}: the answer is another's");
            }
            Expected::Problem(status, name) => {
                assert_eq!(answer.status, status, "{asked}: {body}");
                let details: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
                assert_eq!(details["type"], format!("urn:plugwright:problem:{name}"), "{asked}");
                if name == "guest" {
                    assert!(details["detail"].as_str().unwrap().contains(&*asked), "{asked}: {body}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_that_of_its_request() {
    let world = World::new();
    world.file("worker.wat", version(0));
    let running = Running::start(world.toml(CONFIG)).await;
    let answered = Arc::new(AtomicUsize::new(0));
    let due = Arc::new(Notify::new());
    let mut crowd = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (answered, due) = (answered.clone(), due.clone());
        let address = running.address().to_owned();
        crowd.spawn(async move {
            let mut random = Random::new(connection as u64);
            let mut client = Client::connect(&address).await;
            for number in (connection..REQUESTS).step_by(CONNECTIONS) {
                let asked = Asked::new(connection, number, &mut random);
                asked.check(&client.post(asked.path, &asked.body).await);
                if (answered.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(REQUESTS_BETWEEN_CHANGES) {
                    due.notify_one();
                }
            }
        });
    }
    let mut random = Random::new(u64::MAX);
    let mut changes = 0;
    loop {
        tokio::select! {
            biased;
            ended = crowd.join_next() => match ended {
                Some(ended) => ended.unwrap(),
                None => break,
            },
            () = due.notified() => {
                changes += 1;
                change(&world, &running, changes, &mut random).await;
            }
        }
    }
    assert_eq!(answered.load(Ordering::Relaxed), REQUESTS);
    // Several may have been due at once.
    assert!(changes >= 10, "only {changes} changes of what is served");
    let state = running.state().await;
    let routes = state["routes"].as_array().unwrap();
    let counted: u64 = routes.iter().map(|route| route["latency"]["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, REQUESTS as u64);
    assert!(routes.iter().all(|route| route["in_flight"] == 0 && route["turned_away"] == 0), "{routes:?}");
    assert_eq!(state["buffered_bytes"], 0);
    running.stop().await;
}

/// Changes what is served, in one of the ways there are.
async fn change(world: &World, running: &Running, number: usize, random: &mut Random) {
    match random.below(4) {
        0 => {
            world.file("worker.wat", version(number));
            running.handle.reload().await.unwrap();
        }
        1 => {
            let put = running.operator(Method::PUT, "/admin/plugins/worker").body(version(number));
            assert_eq!(put.send().await.unwrap().status(), 200);
        }
        2 => {
            let back = running.operator(Method::POST, "/admin/plugins/worker/rollback").send().await.unwrap();
            // There may be no version before the current one.
            assert!([200, 404].contains(&back.status().as_u16()), "{}", back.status());
        }
        _ => {
            let bad = running.operator(Method::PUT, "/admin/plugins/worker").body("(module)");
            assert_eq!(bad.send().await.unwrap().status(), 422);
        }
    }
}
