//! What requests share.

use std::time::Duration;

use plugwright_server::{Isolation, RouteConfig, SessionConfig};
use reqwest::header::HeaderMap;

use crate::support::{Running, World, client, problem};

fn sessions(mut route: RouteConfig, session: SessionConfig) -> RouteConfig {
    route.isolation = Isolation::Session;
    route.session = Some(session);
    route
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_are_shared_or_not() {
    let world = World::new();
    let mut shared = world.route("/shared", "count");
    shared.concurrency = 1;
    let mut also_shared = world.route("/also", "count");
    also_shared.concurrency = 1;
    let mut alone = world.route("/alone", "count");
    alone.isolation = Isolation::PerRequest;
    let running = Running::start(world.config([shared, also_shared, alone])).await;
    for number in 1..=3 {
        assert_eq!(running.text("/shared", "").await, number.to_string());
        assert_eq!(running.text("/alone", "").await, "1");
    }
    // Routes with the same settings share the plug-in's instances.
    assert_eq!(running.text("/also", "").await, "4");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_by_header() {
    let world = World::new();
    let session = SessionConfig { header: Some("x-session".to_owned()), max: 2, ..SessionConfig::default() };
    let running = Running::start(world.config([sessions(world.route("/", "count"), session)])).await;
    let count = async |id: &str| {
        let request = client().post(&running.url).header("x-session", id);
        request.send().await.unwrap()
    };
    for (id, number) in [("a", "1"), ("b", "1"), ("a", "2"), ("a", "3"), ("b", "2")] {
        assert_eq!(count(id).await.text().await.unwrap(), number, "{id}");
    }
    let full = count("c").await;
    assert_eq!(full.headers()["retry-after"], "1");
    problem(full, 503, "sessions-full").await;
    problem(running.post("/", "").await, 400, "no-session").await;
    problem(count(&"x".repeat(129)).await, 400, "no-session").await;
    assert_eq!(running.state().await["plugins"][0]["sessions"], 2);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_by_cookie() {
    let world = World::new();
    let running =
        Running::start(world.config([sessions(world.route("/", "count"), SessionConfig::default())])).await;
    let count = async |cookie: &str| {
        let request = client().post(&running.url).header("cookie", cookie);
        let response = request.send().await.unwrap();
        let headers: HeaderMap = response.headers().clone();
        (response.text().await.unwrap(), headers)
    };
    let (number, headers) = count("other=1").await;
    assert_eq!(number, "1");
    let set = headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(set.contains("; HttpOnly; SameSite=Lax") && !set.contains("Secure"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();
    let id = cookie.strip_prefix("plugwright-session=").unwrap();
    assert_eq!(id.len(), 32);
    let (number, headers) = count(&format!("other=1; {cookie}")).await;
    assert_eq!((number.as_str(), headers.get("set-cookie")), ("2", None));
    // An id that the server did not give out is not taken over.
    let (number, headers) = count("plugwright-session=chosen-by-somebody").await;
    assert_eq!(number, "1");
    assert!(!headers["set-cookie"].to_str().unwrap().contains("chosen"));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_when_nobody_uses_them() {
    let world = World::new();
    let session = SessionConfig {
        header: Some("x-session".to_owned()),
        max: 1,
        idle_timeout: Duration::ZERO,
        ..SessionConfig::default()
    };
    let mut running = Running::start(world.config([
        sessions(world.route("/", "count"), session.clone()),
        sessions(world.route("/wait", "wait"), session),
    ]))
    .await;
    let count = async |id: &str| {
        let request = client().post(&running.url).header("x-session", id);
        request.send().await.unwrap()
    };
    assert_eq!(count("a").await.text().await.unwrap(), "1");
    // Idle for long enough to make room; then it begins anew.
    assert_eq!(count("b").await.text().await.unwrap(), "1");
    assert_eq!(count("a").await.text().await.unwrap(), "1");
    // But not while a call runs.
    let url = format!("{}/wait", running.url);
    let held = tokio::spawn(client().post(url).header("x-session", "a").body("held").send());
    assert_eq!(running.gate.entered().await, "held");
    let full = client().post(&running.url).header("x-session", "b").send().await.unwrap();
    problem(full, 503, "sessions-full").await;
    running.gate.open();
    assert_eq!(held.await.unwrap().unwrap().text().await.unwrap(), "held");
    running.stop().await;
}
