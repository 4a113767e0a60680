//! How functions see requests, and what their outputs mean.

use plugwright_pdk::FromBytesOwned;
use plugwright_pdk::serve::Request;
use plugwright_server::{Methods, View};
use serde_json::{Value, json};

use crate::support::{Running, World, client, problem};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_are_bytes_both_ways() {
    let world = World::new();
    let mut text = world.route("/text", "echo");
    text.content_type = Some("text/plain; charset=utf-8".to_owned());
    let running = Running::start(world.config([world.route("/", "echo"), text])).await;
    let bytes: Vec<u8> = (0..=255).collect();
    let response = running.post("/", bytes.clone()).await;
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    assert_eq!(response.bytes().await.unwrap(), bytes);
    let response = running.post("/text?ignored=1", "").await;
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(response.text().await.unwrap(), "");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_sees_the_whole_request_and_gives_the_whole_response() {
    let world = World::new();
    let mut route = world.route("/tea/{kind}/{*rest}", "teapot");
    route.view = View::Request;
    route.methods = Methods::Any;
    let mut running = Running::start(world.config([route])).await;
    running.gate.open();
    let request = client()
        .patch(format!("{}/tea/gr%C3%BCn%20/a/b?x=1&x=2%26&flag", running.url))
        .header("x-many", "1")
        .header("x-many", "2")
        .body("hello");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 418);
    assert_eq!(response.headers()["x-kind"], "teapot");
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(response.text().await.unwrap(), "short");
    let input = running.gate.entered().await;
    let request = Request::from_bytes_owned(input.as_bytes()).unwrap();
    assert_eq!(
        (request.param("kind"), request.query("x"), request.text()),
        (Some("grün "), Some("1"), "hello")
    );
    let seen: Value = serde_json::from_str(&input).unwrap();
    assert_eq!(seen["method"], "PATCH");
    assert_eq!(seen["path"], "/tea/gr%C3%BCn%20/a/b");
    assert_eq!(seen["route"], "/tea/{kind}/{*rest}");
    assert_eq!(seen["params"], json!({"kind": "grün ", "rest": "a/b"}));
    assert_eq!(seen["query"], json!({"x": ["1", "2&"], "flag": [""]}));
    assert_eq!(seen["headers"]["x-many"], json!(["1", "2"]));
    assert_eq!(seen["body"], "hello");
    // A body that is not text is there as Base64.
    running.gate.open();
    let url = format!("{}/tea/x/y", running.url);
    client().put(url).body(vec![0xff, 0]).send().await.unwrap();
    let input = running.gate.entered().await;
    assert_eq!(Request::from_bytes_owned(input.as_bytes()).unwrap().body().unwrap(), [0xff, 0]);
    let seen: Value = serde_json::from_str(&input).unwrap();
    assert_eq!((&seen["body_base64"], seen.get("body")), (&json!("/wA="), None));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_response_is_the_plugins_fault() {
    let world = World::new();
    let mut route = world.route("/", "echo");
    route.view = View::Request;
    let running = Running::start(world.config([route])).await;
    let details = problem(running.post("/", "").await, 502, "bad-answer").await;
    assert!(details["detail"].as_str().unwrap().contains("method"), "{details}");
    running.stop().await;
}
