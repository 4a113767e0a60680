//! The address for operators.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{self, Running, TOKEN, World, client, free_ports, problem};

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The guest with another answer of `count`.
fn other(digit: u8) -> String {
    include_str!("guest.wat")
        .replace("(i32.add (i32.const 48) (global.get $calls))", &format!("(i32.const {})", 48 + digit))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_told_or_changed_without_the_token() {
    let world = World::new();
    let running = Running::start(world.config([world.route("/", "count")])).await;
    for (method, path) in [
        (Method::GET, "/admin/plugins"),
        (Method::GET, "/admin/plugins/guest"),
        (Method::PUT, "/admin/plugins/guest"),
        (Method::DELETE, "/admin/plugins/guest"),
        (Method::POST, "/admin/plugins/guest/rollback"),
        (Method::POST, "/admin/reload"),
        (Method::GET, "/_/state"),
        (Method::POST, "/_/call"),
        (Method::GET, "/anything"),
    ] {
        let url = format!("{}{path}", running.admin);
        for token in [None, Some(""), Some("a token for the test"), Some("a token for the tests!")] {
            let mut request = client().request(method.clone(), &url);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let refused = request.send().await.unwrap();
            assert_eq!(refused.headers()["www-authenticate"], "Bearer");
            problem(refused, 401, "unauthorised").await;
        }
        let basic = client().request(method, url).basic_auth("x", Some(TOKEN)).send().await.unwrap();
        assert_eq!(basic.status(), 401);
    }
    // And nothing of it is at the public address.
    for path in ["/admin/plugins", "/_/state", "/metrics"] {
        let request = client().get(format!("{}{path}", running.url)).bearer_auth(TOKEN);
        problem(request.send().await.unwrap(), 404, "no-route").await;
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_are_put_rolled_back_and_removed() {
    let world = World::new();
    let mut route = world.route("/", "count");
    route.concurrency = 1;
    let running = Running::start(world.config([route])).await;
    let path = "/admin/plugins/guest";
    assert_eq!(running.text("/", "").await, "1");
    let put = running.operator(Method::PUT, path).body(other(7)).send().await.unwrap();
    let put = support::json(put).await;
    assert_eq!((&put["current"], put["versions"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(put["versions"][1]["origin"], "uploaded");
    assert_eq!(running.text("/", "").await, "7");
    // With a hash that must be right.
    let upload = |hash: String| {
        running.operator(Method::PUT, path).header("x-plugwright-sha256", hash).body(other(8)).send()
    };
    problem(upload("0".repeat(64)).await.unwrap(), 400, "bad-request").await;
    assert_eq!(running.text("/", "").await, "7");
    assert_eq!(upload(sha256(other(8).as_bytes())).await.unwrap().status(), 200);
    assert_eq!(running.text("/", "").await, "8");
    // What cannot be served is refused.
    for bad in ["nonsense", "(module)", ""] {
        let refused = running.operator(Method::PUT, path).body(bad).send().await.unwrap();
        assert!([400, 422].contains(&refused.status().as_u16()), "{}", refused.status());
        assert_eq!(running.text("/", "").await, "8");
    }
    let roll_back =
        |body: &'static str| running.operator(Method::POST, &format!("{path}/rollback")).body(body).send();
    assert_eq!(support::json(roll_back("").await.unwrap()).await["current"], 2);
    assert_eq!(running.text("/", "").await, "7");
    assert_eq!(roll_back(r#"{"version": 1}"#).await.unwrap().status(), 200);
    assert_eq!(running.text("/", "").await, "1");
    problem(roll_back("").await.unwrap(), 404, "not-found").await;
    problem(roll_back(r#"{"version": 99}"#).await.unwrap(), 404, "not-found").await;
    problem(roll_back("nonsense").await.unwrap(), 400, "bad-request").await;
    let deleted = running.operator(Method::DELETE, path).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    problem(running.post("/", "").await, 503, "removed").await;
    assert_eq!(roll_back(r#"{"version": 2}"#).await.unwrap().status(), 200);
    assert_eq!(running.text("/", "").await, "7");
    // A reload that finds the file as it was leaves the operator's choice alone.
    assert_eq!(running.operator(Method::POST, "/admin/reload").send().await.unwrap().status(), 204);
    assert_eq!(running.text("/", "").await, "7");
    world.file("guest.wat", other(9));
    assert_eq!(running.operator(Method::POST, "/admin/reload").send().await.unwrap().status(), 204);
    assert_eq!(running.text("/", "").await, "9");
    let unknown =
        running.operator(Method::PUT, "/admin/plugins/unknown").body(other(1)).send().await.unwrap();
    problem(unknown, 404, "not-found").await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_so_many_versions_are_kept() {
    let world = World::new();
    let running = Running::start(world.config([world.route("/", "count")])).await;
    for digit in 0..9 {
        let put =
            running.operator(Method::PUT, "/admin/plugins/guest").body(other(digit)).send().await.unwrap();
        assert_eq!(put.status(), 200);
    }
    let view = running.operator(Method::GET, "/admin/plugins/guest").send().await.unwrap();
    let view = support::json(view).await;
    let numbers: Vec<_> =
        view["versions"].as_array().unwrap().iter().map(|version| &version["number"]).collect();
    assert_eq!(numbers, [6, 7, 8, 9, 10]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_come_from_urls_with_their_hash() {
    let world = World::new();
    let running = Running::start(world.config([world.route("/", "count")])).await;
    let source = support::file_server(other(4));
    let put = |hash: String| {
        let body = json!({"url": source, "hash": hash});
        running.operate(Method::PUT, "/admin/plugins/guest", &body).send()
    };
    problem(put("0".repeat(64)).await.unwrap(), 400, "bad-request").await;
    assert_eq!(put(sha256(other(4).as_bytes())).await.unwrap().status(), 200);
    assert_eq!(running.text("/", "").await, "4");
    let no_hash = running.operate(Method::PUT, "/admin/plugins/guest", &json!({"url": source})).send();
    problem(no_hash.await.unwrap(), 400, "bad-request").await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plugins_are_added_to_a_folder_and_their_names_are_checked() {
    let world = World::new();
    let running = Running::start(free_ports(plugwright_server::Config::of_folder(world.dir.path()))).await;
    let put = running.operator(Method::PUT, "/admin/plugins/added").body(other(3)).send().await.unwrap();
    assert_eq!(put.status(), 200);
    assert_eq!(running.text("/added/count", "").await, "3");
    running.handle.reload().await.unwrap();
    assert_eq!(running.text("/added/count", "").await, "3", "a reload keeps it");
    for name in ["a%2Fb", "%7Bx%7D", "%20", &"x".repeat(101)] {
        let path = format!("/admin/plugins/{name}");
        let refused = running.operator(Method::PUT, &path).body(other(3)).send().await.unwrap();
        problem(refused, 400, "bad-request").await;
    }
    assert_eq!(running.operator(Method::DELETE, "/admin/plugins/added").send().await.unwrap().status(), 204);
    assert!(!running.post("/added/count", "").await.status().is_success());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_apart_show_logs_fuel_and_errors() {
    let world = World::new();
    let mut route = world.route("/", "config");
    route.config.insert("key".to_owned(), "served".to_owned());
    let running = Running::start(world.config([route])).await;
    let call = async |body: Value| {
        let response = running.operate(Method::POST, "/_/call", &body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        support::json(response).await
    };
    let made = call(json!({"plugin": "guest", "function": "config", "input": "key"})).await;
    assert_eq!(made["output"], "served");
    let made =
        call(json!({"plugin": "guest", "function": "config", "input": "key", "config": {"key": "mine"}}))
            .await;
    assert_eq!(made["output"], "mine");
    assert_eq!(running.text("/", "key").await, "served");
    let made = call(json!({"plugin": "guest", "function": "log", "input_base64": "/wA="})).await;
    assert_eq!((&made["output_base64"], &made["output"]), (&json!("/wA="), &Value::Null));
    assert_eq!(made["logs"], json!([{"level": "info", "text": "!"}]));
    assert!(made["fuel"].as_u64() > Some(0) && made["memory_bytes"].as_u64() >= Some(65536), "{made}");
    let made = call(json!({"plugin": "guest", "function": "trap"})).await;
    assert_eq!(made["error"]["kind"], "Trap");
    assert!(made["error"]["backtrace"][0].as_str().is_some(), "{made}");
    let made = call(json!({"plugin": "guest", "function": "spin", "timeout_ms": 20})).await;
    assert_eq!(made["error"]["kind"], "Timeout");
    let made = call(json!({"plugin": "guest", "function": "nothing"})).await;
    assert_eq!(made["error"]["kind"], "FunctionNotFound");
    let unknown = running.operate(Method::POST, "/_/call", &json!({"plugin": "x", "function": "y"})).send();
    problem(unknown.await.unwrap(), 404, "not-found").await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_apart_have_what_the_first_route_grants() {
    let world = World::new();
    let routes = (0..8).map(|number| {
        let mut route = world.route(&format!("/{number}"), "config");
        route.config.insert("key".to_owned(), number.to_string());
        route
    });
    let running = Running::start(world.config(routes)).await;
    let body = json!({"plugin": "guest", "function": "config", "input": "key"});
    let made = running.operate(Method::POST, "/_/call", &body).send().await.unwrap();
    assert_eq!(support::json(made).await["output"], "0");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_errors_are_kept_with_backtraces() {
    let world = World::new();
    let running =
        Running::start(world.config([world.route("/trap", "trap"), world.route("/code", "code_7")])).await;
    running.post("/code", "first").await;
    for _ in 0..100 {
        running.post("/trap", "").await;
    }
    let state = running.state().await;
    let errors = state["recent_errors"].as_array().unwrap();
    assert_eq!(errors.len(), 100);
    assert_eq!((&errors[0]["kind"], &errors[0]["route"]), (&json!("Trap"), &json!("/trap")));
    assert!(errors[0]["backtrace"][0].as_str().is_some());
    assert!(errors.iter().all(|error| error["kind"] == "Trap"), "the oldest one has gone");
    running.stop().await;
}
