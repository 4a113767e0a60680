//! Guests that see requests by the helpers of our PDKs, behind the server.

use plugwright_server::{Methods, RouteConfig, View};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::{Running, World, client, json as json_of};

/// The guest's three functions, each at a path of its own.
async fn serve(guest: &str) -> Running {
    let file = format!("{}/../../guests/build/{guest}.wasm", env!("CARGO_MANIFEST_DIR"));
    let paths = [
        ("/describe/{kind}/{*rest}", "describe"),
        ("/reverse", "reverse"),
        ("/item/{number}", "item"),
        ("/items", "item"),
    ];
    let routes = paths.map(|(path, function)| {
        let mut route = RouteConfig::new(path, &file, function);
        route.view = View::Request;
        route.methods = Methods::Any;
        // Go's guests need it.
        route.wasi = true;
        route
    });
    Running::start(World::new().config(routes)).await
}

async fn get(running: &Running, path: &str) -> Response {
    client().get(format!("{}{path}", running.url)).send().await.unwrap()
}

async fn answers_requests(guest: &str) {
    let running = serve(guest).await;
    let request = client()
        .patch(format!("{}/describe/gr%C3%BCn/a/b?x=1&x=2%26&flag", running.url))
        .header("x-many", "1")
        .header("x-many", "2")
        .body("hello");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["content-type"], "application/json");
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(
        json_of(response).await,
        json!({
            "method": "PATCH", "path": "/describe/gr%C3%BCn/a/b", "route": "/describe/{kind}/{*rest}",
            "params": {"kind": "grün", "rest": "a/b"}, "query": {"x": ["1", "2&"], "flag": [""]},
            "many": ["1", "2"], "body": "hello",
        })
    );
    let response = get(&running, "/describe/x/y").await;
    assert_eq!(json_of(response).await["many"], Value::Null);

    for (body, reversed) in [(&b"abc"[..], &b"cba"[..]), (&[0xff, 0, 7], &[7, 0, 0xff]), (b"", b"")] {
        let response = running.post("/reverse", body.to_vec()).await;
        assert_eq!(response.status(), 200, "{body:?}");
        assert_eq!(response.bytes().await.unwrap(), reversed);
    }

    let response = get(&running, "/item/7").await;
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(response.text().await.unwrap(), "item 7");
    let response = get(&running, "/item/seven").await;
    assert_eq!(response.status(), 404);
    assert!(response.text().await.unwrap().contains("invalid"), "the error is the guest's");
    assert_eq!(get(&running, "/items").await.status(), 204);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rust() {
    answers_requests("rust_pdk_serve").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn go() {
    answers_requests("go_pdk_serve").await;
}
