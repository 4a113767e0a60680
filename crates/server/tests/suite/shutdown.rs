//! Stopping.

use std::time::Duration;

use tokio::net::TcpStream;

use crate::support::{Running, World, client};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_calls_finish_and_nothing_new_begins() {
    let world = World::new();
    let mut running = Running::start(world.config([world.route("/wait", "wait")])).await;
    let held = tokio::spawn(running.post_body_later("/wait", "held".to_owned()));
    running.gate.entered().await;
    // An idle connection does not keep the server.
    let _idle = TcpStream::connect(running.address()).await.unwrap();
    running.handle.stop();
    while TcpStream::connect(running.address()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    running.gate.open();
    let response = held.await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.unwrap(), "held");
    assert_eq!(running.ended().await.cut, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_end_in_time_is_cut() {
    let world = World::new();
    let mut config = world.config([world.route("/wait", "wait")]);
    config.shutdown_timeout = Duration::from_millis(20);
    let mut running = Running::start(config).await;
    let request = client().post(format!("{}/wait", running.url)).body("held");
    let held = tokio::spawn(request.send());
    running.gate.entered().await;
    assert_eq!(running.stop().await.cut, 1);
    assert!(held.await.unwrap().is_err());
}
